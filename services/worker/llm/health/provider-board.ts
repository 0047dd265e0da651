import type { BREAKER_STATES } from '../../../../shared/protocol/http-service.ts';
import type { ProviderGate } from './provider-gate.ts';

export type BreakerState = (typeof BREAKER_STATES)[number];

/** A provider as the cluster sees it. */
export interface ProviderStanding {
  name: string;
  role: 'primary' | 'backup';
  state: BreakerState;
  /** Since when it is in this state; null: since before this replica looked. */
  since: Date | null;
  /** Class of the failure that opened it; null while closed. */
  reason: string | null;
  /** null while closed. */
  nextProbeAt: Date | null;
  /** It is asked first now. */
  active: boolean;
}

/** Which providers there are and how they stand, for the whole cluster as far as this replica knows. Answers from memory. */
export interface ProviderBoard {
  /** The forced one first if there is one, then primary, backup. */
  order(): readonly ProviderGate[];
  standings(): ProviderStanding[];
  /** Name of the provider asked first now; null: none is closed, or none is configured. */
  readonly active: string | null;
  readonly activeSince: Date | null;
  readonly forced: string | null;
  /** Calls `handler` whenever a standing, `active` or `forced` has changed. */
  onChange(handler: () => void): () => void;
}
