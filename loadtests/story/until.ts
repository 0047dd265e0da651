import { wait } from '../../shared/protocol/client/wait.ts';

/** Between two looks (ms). */
const LOOK_EVERY_MS = 25;

/** Whether `condition` comes true in time. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; ; ) {
    if (await condition()) return true;
    if (Date.now() > end) return false;
    await wait(LOOK_EVERY_MS);
  }
}
