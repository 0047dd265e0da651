import type { ProviderOpening } from '../../../../redis/results.ts';

/** An open breaker as this replica knows it. */
export interface Opening {
  /** Its number in the cluster; null: the cluster does not know of it (yet). */
  no: number | null;
  reason: string;
  since: Date;
  /** When a probe is due, monotonic (ms). */
  dueAt: number;
  /** Somebody probes. */
  probing: boolean;
}

/** What the cluster says, with its times moved to this process's clock. */
export function knownOpening({ no, reason, openedAt, probeInMs, probing }: ProviderOpening): Opening {
  return { no, reason, since: new Date(openedAt), dueAt: performance.now() + probeInMs, probing };
}
