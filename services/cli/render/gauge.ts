import type { Style } from './style.ts';

const CELLS = 20;

/** A bar of {@link CELLS} cells, `used` of `limit`: green, from 80 % yellow, from 100 % red. A limit of 0 is full. */
export function gauge(used: number, limit: number, style: Style): string {
  const share = limit > 0 ? Math.min(1, used / limit) : 1;
  const filled = used > 0 || limit === 0 ? Math.max(1, Math.floor(share * CELLS)) : 0;
  const paint = share >= 1 ? style.red : share >= 0.8 ? style.yellow : style.green;
  return paint('▰'.repeat(filled)) + style.dim('▱'.repeat(CELLS - filled));
}
