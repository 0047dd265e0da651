import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Runs } from '../../db/repositories/runs.ts';
import type { Channels } from '../../redis/channels.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { ClaimGate } from './claim-gate.ts';
import { Claiming } from './claiming.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { RunHandler } from './run-handler.ts';
import { RunsInHand } from './runs-in-hand.ts';
import { SlotRelease } from './slot-release.ts';
import type { StepExecutors } from './steps/step-executors.ts';
import { Taker } from './taker.ts';

/** After the grace: for aborted steps to let go of what they hold, and for the hand-back to reach Postgres and Redis (ms each). */
const ABORT_MS = 2_000;
const HAND_BACK_MS = 2_000;

export interface WorkerDeps {
  /** The replica's name. */
  id: string;
  runs: Pick<
    Runs,
    'claim' | 'claimNothing' | 'keepGrantNo' | 'get' | 'checkpoint' | 'saveStepState' | 'finish' | 'handBack'
  >;
  slots: Pick<SlotLeases, 'take' | 'renew' | 'release' | 'giveBack'>;
  events: Pick<EventStreams, 'publish' | 'publishLive'>;
  channels: Pick<Channels, 'onControl'>;
  executors: StepExecutors;
  metrics: Metrics['runs'];
  log: Logger;
  /** Runs at once at most. */
  concurrency: number;
  /** How long `stop` lets runs go on before it hands them back. */
  graceSeconds: number;
  /** For tests. */
  renewEveryMs?: number;
}

/** Takes ready runs and executes them. What it holds is recoverable at every moment: stop it, kill it or freeze it, another one goes on. */
export class Worker implements Service {
  readonly name = 'worker';
  private readonly hand: RunsInHand;
  private readonly leases: LeaseKeeper;
  private readonly taker: Taker;
  private readonly ending = new AbortController();
  private unsubscribe: (() => void) | undefined;
  private stopped: Promise<void> | undefined;

  constructor(private readonly deps: WorkerDeps) {
    const { id, runs, slots, events, executors, metrics, log, concurrency, renewEveryMs } = deps;
    // One listener per run in hand, which is no leak.
    setMaxListeners(0, this.ending.signal);
    this.hand = new RunsInHand(metrics);
    this.leases = new LeaseKeeper({
      slots,
      hand: this.hand,
      log,
      ...(renewEveryMs === undefined ? {} : { renewEveryMs }),
    });
    const ending = this.ending.signal;
    const gate = new ClaimGate({ runs, ending, log });
    const handler = new RunHandler({
      runs,
      claiming: new Claiming({ worker: id, runs, slots, gate, ending, log }),
      events,
      executors,
      metrics,
      log,
      hand: this.hand,
      leases: this.leases,
      slots: new SlotRelease({ slots, log }),
      ending,
    });
    this.taker = new Taker({ slots, gate, concurrency, log, work: (ready) => handler.handle(ready) });
  }

  /** Runs in the hands of this worker. */
  get runsInHand(): number {
    return this.hand.size;
  }

  async start(): Promise<void> {
    // At once, also in the middle of a model's answer; should the message be missed, the next renewal says it again.
    this.unsubscribe = this.deps.channels.onControl((message) => {
      if (message.kind === 'cancel') this.hand.find(message.runId)?.leave('cancelled');
    });
    this.leases.start();
    this.taker.start();
  }

  /** Takes nothing more, lets runs end within the grace, hands back the rest. */
  stop(): Promise<void> {
    this.stopped ??= this.windDown();
    return this.stopped;
  }

  private async windDown(): Promise<void> {
    await this.taker.stop();
    await within(this.deps.graceSeconds * 1_000, this.taker.idle());
    for (const run of this.hand.all()) run.leave('stopping');
    this.ending.abort();
    await within(ABORT_MS, this.taker.idle());
    this.unsubscribe?.();
    await this.leases.stop();
    await this.handBack();
  }

  /** First Postgres, so that the next claim finds the attempt paid back. If either is away, the lease lapses and the leader rescues. */
  private async handBack(): Promise<void> {
    const left = this.hand.all().map(({ runId, attempt }) => ({ runId, attempt }));
    if (left.length === 0) return;
    const { runs, slots, log } = this.deps;
    const claimed = left.filter(({ attempt }) => Number.isInteger(attempt));
    const fail = (error: unknown) => log.warn('runs not handed back cleanly', { error });
    await within(HAND_BACK_MS, runs.handBack(claimed).catch(fail));
    await within(HAND_BACK_MS, slots.giveBack(left).catch(fail));
    log.info('runs handed back', { runs: left.length });
  }
}

/** Resolves when `work` does, or after `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}
