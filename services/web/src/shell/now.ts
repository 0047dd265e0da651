import { signal } from '@preact/signals';

/** Unix ms, renewed every second: what counts down reads it. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1_000);
