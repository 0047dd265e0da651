import type { ModelProvider } from '../provider.ts';
import type { LocalGate } from './local-gate.ts';
import type { Opening } from './opening.ts';

/** One provider and what this replica knows of its breaker. */
export interface ProviderEntry {
  readonly name: string;
  readonly role: 'primary' | 'backup';
  readonly provider: ModelProvider;
  readonly gate: LocalGate;
  /** null: closed. */
  opening: Opening | null;
  /** Last change of state; null: none since this replica looks. */
  since: Date | null;
  /** Grows with every change made here: what was read before it is old. */
  version: number;
  /** The opening that this replica knows to be over, though the cluster may not have heard of it. */
  closedNo: number | null;
}
