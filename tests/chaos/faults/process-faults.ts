import { LEASES } from '../../../redis/leases.ts';
import type { ClusterProcess } from '../../../services/local/local-cluster.ts';
import type { Fault } from './fault.ts';

/** Of a zombie: longer than any lease a worker or a leader holds, by so much (ms). */
const BEYOND_LEASE_MS = 1_500;
export const ZOMBIE_MS = LEASES.slot.lengthMs + BEYOND_LEASE_MS;

interface Victim {
  target: string;
  process: ClusterProcess;
  holdMs: number;
}

/** kill -9; started again at the end. */
export function killed({ target, process, holdMs }: Victim): Fault {
  return { name: `${target} killed`, target, holdMs, apply: () => process.kill(), heal: () => process.start() };
}

/** SIGSTOP, then SIGCONT: it does not know that time has passed. */
export function frozen({ target, process, holdMs }: Victim): Fault {
  const name = `${target} frozen`;
  return { name, target, holdMs, apply: () => process.kill('SIGSTOP'), heal: () => process.kill('SIGCONT') };
}

/** Asked to end, which it does in order; started again at the end. */
export function stopped({ target, process, holdMs }: Victim): Fault {
  return { name: `${target} stopped`, target, holdMs, apply: () => process.stop(), heal: () => process.start() };
}
