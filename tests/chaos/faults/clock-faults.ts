import type { Scene } from '../scene.ts';
import type { Fault } from './fault.ts';

const OFF_BY_SECONDS = 300;

/** The clock of one replica leaps by five minutes, and back at the end. */
export function clockOff({ clocks }: Scene, replica: string, direction: 1 | -1, holdMs: number): Fault {
  const offset = direction * OFF_BY_SECONDS;
  return {
    name: `${replica} clock off by ${offset} s`,
    target: replica,
    holdMs,
    apply: async () => clocks.set(replica, offset),
    heal: async () => clocks.set(replica, 0),
  };
}
