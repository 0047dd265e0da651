import type { LeaderEpochs } from '../../db/repositories/leader-epochs.ts';
import type { Channels } from '../../redis/channels.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import type { LeaderLock } from '../../redis/lock.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { spread } from '../../shared/resilience/backoff.ts';
import { Term } from './term.ts';

/** Ms between two tries of a candidate, ±25 %; with the lock's 5 s they bound how long a killed leader is missed. */
const CANDIDATE_RETRY_MS = 400;

export interface ElectionDeps {
  /** Name of this process in the leader info. */
  replica: string;
  lock: Pick<LeaderLock, 'tryAcquire' | 'extend' | 'release' | 'trustedUntil'>;
  epochs: Pick<LeaderEpochs, 'next'>;
  cluster: Pick<ClusterState, 'publishLeader'>;
  channels: Pick<Channels, 'onLeaderLeft' | 'announceLeaderLeft'>;
  /** What the leader does; resolves soon after `term.signal` aborts. */
  lead(term: Term): Promise<void>;
  metrics: Metrics['capacity'];
  log: Logger;
}

/**
 * Makes this process a candidate for leadership for as long as it runs. The lock only chooses one of the candidates; what keeps a
 * second leader harmless is the epoch. Whatever goes wrong here, the process lives on and is a candidate again.
 */
export class Election implements Service {
  readonly name = 'election';
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private term: Term | undefined;
  private campaigning: Promise<void> | undefined;
  private failing = false;

  constructor(private readonly deps: ElectionDeps) {}

  async start(): Promise<void> {
    if (!this.stopping.signal.aborted) this.campaigning ??= this.campaign();
  }

  /** Gives leadership up so that the next candidate takes over without a gap. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.pause.abort();
    this.term?.end('stopping');
    await this.campaigning;
  }

  private async campaign(): Promise<void> {
    const unsubscribe = this.deps.channels.onLeaderLeft(() => this.pause.abort());
    while (!this.stopping.signal.aborted) {
      // Before the try, so that a leader that leaves during it is noticed.
      this.pause = new AbortController();
      await this.tryToLead();
      if (this.stopping.signal.aborted) break;
      await abortableDelay(spread(CANDIDATE_RETRY_MS, 0.25), this.pause.signal);
    }
    unsubscribe();
  }

  private async tryToLead(): Promise<void> {
    if (!(await this.deps.lock.tryAcquire())) return;
    try {
      const epoch = await this.deps.epochs.next();
      this.failing = false;
      await this.serve(epoch);
    } catch (error) {
      if (!this.failing) this.deps.log.warn('got the leader lock but no epoch, will try again', { error });
      this.failing = true;
    } finally {
      await this.leave();
    }
  }

  private async serve(epoch: number): Promise<void> {
    const { lock, metrics, log } = this.deps;
    const term = new Term(epoch, { lock, onExtended: () => void this.publish(epoch) });
    this.term = term;
    if (this.stopping.signal.aborted) term.end('stopping');
    if (term.signal.aborted) return;

    const since = performance.now();
    metrics.leader.set(1);
    metrics.epoch.set(epoch);
    log.info('leadership won', { epoch });
    // When trust ends, not when the last of the work has come to its end.
    term.signal.addEventListener('abort', () => {
      metrics.leader.set(0);
      log.info('leadership ended', {
        epoch,
        reason: term.signal.reason,
        lasted_ms: Math.round(performance.now() - since),
      });
    });
    void this.publish(epoch);
    const keeping = term.keep();
    try {
      await this.deps.lead(term);
    } catch (error) {
      log.error('leading failed', { epoch, error });
    }
    term.end('failed');
    await keeping;
    // Only a leader measures it: what a former one last saw would be taken for the present.
    metrics.leaseDrift.set(0);
  }

  /** For people to look at only; the next extension publishes again. */
  private async publish(epoch: number): Promise<void> {
    try {
      await this.deps.cluster.publishLeader({ replica: this.deps.replica, epoch });
    } catch (error) {
      this.deps.log.debug('leader info not published', { epoch, error });
    }
  }

  /** Lets another candidate have the lock now instead of when it lapses, and calls the others if this one stops. */
  private async leave(): Promise<void> {
    const { lock, channels, log } = this.deps;
    this.term = undefined;
    await lock.release();
    if (!this.stopping.signal.aborted) return;
    try {
      await channels.announceLeaderLeft();
    } catch (error) {
      log.debug('leaving not announced', { error });
    }
  }
}
