import { gained, replicas, sum } from '../promql.ts';

export const HOUR = '1h';
/** From acceptance to slot. */
export const WAIT = replicas('weir_queue_wait_seconds');

/** What a counter gained in the hour before each moment, by the given labels. */
export function inHour(counter: string, ...by: string[]): string {
  return sum(gained(counter, HOUR), ...by);
}
