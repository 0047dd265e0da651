import type { Logger } from '../../../../shared/observability/logger.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import type { ModelFailureKind } from '../model-failure.ts';
import type { Opening } from './opening.ts';
import type { BreakerState } from './provider-board.ts';
import type { ProviderEntry } from './provider-entry.ts';
import { sayFailure } from './say-failure.ts';

export interface OpeningBookDeps {
  openMs: number;
  metrics: Pick<Metrics['llm'], 'openings' | 'breaker'>;
  log: Logger;
  /** After every change. */
  onChange(entry: ProviderEntry): void;
}

const METRIC: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

/** Keeps what is known of each opening and the state of its gate in step. */
export class OpeningBook {
  constructor(private readonly deps: OpeningBookDeps) {}

  /** Calls made here have opened the gate. */
  openedHere(entry: ProviderEntry, reason: ModelFailureKind): void {
    const { openMs, metrics, log } = this.deps;
    entry.opening = { no: null, reason, since: new Date(), dueAt: performance.now() + openMs, probing: false };
    metrics.openings.inc({ provider: entry.name, reason });
    // It fails again: what the cluster may still have of its last opening is right after all.
    entry.closedNo = null;
    sayFailure(log, 'model provider opened', { provider: entry.name, reason });
    this.changed(entry);
  }

  /** The cluster, or a probe, says that the provider is open so. */
  adopt(entry: ProviderEntry, opening: Opening): void {
    const before = entry.opening;
    entry.opening = opening;
    entry.gate.command(opening.probing ? 'half_open' : 'open');
    const same = before?.no === opening.no && before.probing === opening.probing && before.reason === opening.reason;
    if (!same) this.changed(entry);
  }

  /** The provider works again. */
  close(entry: ProviderEntry): void {
    if (entry.opening === null) return;
    entry.closedNo = entry.opening.no ?? entry.closedNo;
    entry.opening = null;
    entry.gate.command('closed');
    this.deps.log.info('model provider closed', { provider: entry.name });
    this.changed(entry);
  }

  /** The state of the gate has changed, by whomever. */
  stateChanged(entry: ProviderEntry, state: BreakerState): void {
    entry.since = new Date();
    this.deps.metrics.breaker.set({ provider: entry.name }, METRIC[state]);
  }

  private changed(entry: ProviderEntry): void {
    entry.version += 1;
    this.deps.onChange(entry);
  }
}
