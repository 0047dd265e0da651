import { randomUUID } from 'node:crypto';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import type { ProbeResult } from '../../../../redis/results.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import type { Opening } from './opening.ts';
import type { OpeningBook } from './opening-book.ts';
import { type ProbeOutcome, probeCall } from './probe-call.ts';
import type { ProviderEntry } from './provider-entry.ts';
import { sayFailure } from './say-failure.ts';

/** Longest random delay of a question for the probe, so that not all replicas ask at once (ms). */
const JITTER_MS = 100;
/** The lease of a probe outlasts the call by this (ms): for the way of its outcome to Redis. */
const LEASE_MARGIN_MS = 2_000;
/** Until the next one when a probe found nothing out (ms). */
const REPEAT_MS = 1_000;

export interface ProberDeps {
  replica: string;
  store: Pick<ProviderStore, 'takeProbe' | 'releaseProbe' | 'reopen' | 'close'>;
  book: OpeningBook;
  openMs: number;
  /** A probe that takes longer has failed (ms). */
  timeoutMs: number;
  metrics: Pick<Metrics['llm'], 'probes'>;
  log: Logger;
  random: () => number;
}

/** `alone`: Redis cannot be asked, and this replica probes for itself. */
type Right = ProbeResult | { kind: 'alone' };

/**
 * Finds out whether an open provider works again: one small call of its own, for the whole cluster, when the time is due. No user's call is
 * ever the experiment.
 */
export class Prober {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly probes = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly deps: ProberDeps) {}

  /** To be told of every change; plans the provider's next probe. */
  plan(entry: ProviderEntry, waitMs = 0): void {
    clearTimeout(this.timers.get(entry.name));
    const { opening } = entry;
    if (opening === null || this.stopping.signal.aborted || this.probes.has(entry.name)) return;
    const ms = Math.max(waitMs, opening.dueAt - performance.now(), 0) + this.deps.random() * JITTER_MS;
    this.timers.set(entry.name, setTimeout(() => this.begin(entry), ms).unref());
  }

  /** Ends a probe under way without an outcome and gives its right back. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.probes.values());
  }

  private begin(entry: ProviderEntry): void {
    let waitMs = 0;
    const probe = this.probe(entry)
      .then((ms) => {
        waitMs = ms;
      })
      .catch((error: unknown) => {
        this.deps.log.error('probe failed by itself', { provider: entry.name, error });
        waitMs = this.deps.openMs;
      })
      .finally(() => {
        this.probes.delete(entry.name);
        this.plan(entry, waitMs);
      });
    this.probes.set(entry.name, probe);
  }

  /** Resolves to the milliseconds that the next question has to wait at least. */
  private async probe(entry: ProviderEntry): Promise<number> {
    const { opening } = entry;
    if (opening === null) return 0;
    const holder = `${this.deps.replica}:${randomUUID()}`;
    const right = await this.ask(entry, holder);
    if (right.kind === 'wait') return right.ms;
    // The cluster has forgotten it or never heard of it; the next look at the cluster decides.
    if (right.kind === 'closed') return JITTER_MS;
    if (right.kind === 'alone' && entry.opening === null) return 0;
    const no = right.kind === 'taken' ? right.no : null;
    this.deps.book.adopt(entry, { ...opening, no: no ?? opening.no, probing: true });
    const outcome = await probeCall(entry.provider, {
      correlationId: `probe-${holder}`,
      timeoutMs: this.deps.timeoutMs,
      stopping: this.stopping.signal,
    });
    this.deps.metrics.probes.inc({ provider: entry.name, outcome: outcome.kind });
    await this.conclude(entry, { ...opening, no: no ?? opening.no }, outcome, { no, holder });
    return 0;
  }

  private async ask(entry: ProviderEntry, holder: string): Promise<Right> {
    try {
      const leaseMs = this.deps.timeoutMs + LEASE_MARGIN_MS;
      return await this.deps.store.takeProbe(entry.name, { holder, leaseMs });
    } catch {
      return { kind: 'alone' };
    }
  }

  /** First here, which needs nobody; then for the cluster. Should that not be heard, the lease lapses and the next look says it again. */
  private async conclude(
    entry: ProviderEntry,
    opening: Opening,
    outcome: ProbeOutcome,
    { no, holder }: { no: number | null; holder: string },
  ): Promise<void> {
    const { store, book, openMs, replica, log } = this.deps;
    const { name } = entry;
    if (outcome.kind === 'fails') sayFailure(log, 'model provider probed', { provider: name, reason: outcome.reason });
    else log.info('model provider probed', { provider: name, outcome: outcome.kind });
    // The outcome may come so late that the opening it was about is over, here or in the cluster.
    const standing = entry.opening;
    if (standing === null || (opening.no !== null && standing.no !== opening.no)) return;
    let told: Promise<unknown> = Promise.resolve();
    if (outcome.kind === 'works') {
      book.close(entry);
      if (no !== null) told = store.close(name, { no });
    } else if (outcome.kind === 'fails') {
      const { reason } = outcome;
      book.adopt(entry, { ...opening, reason, dueAt: performance.now() + openMs, probing: false });
      if (no !== null) told = store.reopen(name, { no, holder, reason, by: replica, openMs });
    } else {
      book.adopt(entry, { ...opening, dueAt: performance.now() + REPEAT_MS, probing: false });
      if (no !== null) told = store.releaseProbe(name, { no, holder });
    }
    await told.catch((error: unknown) => log.debug('outcome of a probe not shared', { provider: name, error }));
  }
}
