import type { RunRow } from '../../db/repositories/run-row.ts';
import type { Claimed } from '../../db/repositories/runs-claiming.ts';
import type { RunReading } from '../../db/repositories/runs-reading.ts';
import type { EventStreams } from '../../redis/event-streams.ts';
import type { ReadyRun, ServiceSample } from '../../redis/results.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import { terminalEvent } from '../../shared/protocol/terminal-event.ts';
import { isFinal } from '../../shared/workflow/run-state.ts';
import type { Claiming } from './claiming.ts';
import { EventOutbox } from './event-outbox.ts';
import { type Execution, type ExecutionDeps, execute, FencedOff } from './execution.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { RunEvents } from './run-events.ts';
import { RunInHand } from './run-in-hand.ts';
import { inRunSpan, isFirstClaim } from './run-span.ts';
import type { RunsInHand } from './runs-in-hand.ts';
import type { SlotRelease } from './slot-release.ts';
import { untilAborted } from './until-aborted.ts';

export interface RunHandlerDeps extends ExecutionDeps {
  runs: ExecutionDeps['runs'] & Pick<RunReading, 'get'>;
  claiming: Pick<Claiming, 'claim' | 'keepGrantNo'>;
  events: Pick<EventStreams, 'publish' | 'publishLive'>;
  hand: RunsInHand;
  leases: Pick<LeaseKeeper, 'take'>;
  slots: Pick<SlotRelease, 'release'>;
  log: Logger;
  /** Aborts when this worker lets go of everything. */
  ending: AbortSignal;
}

/**
 * The way of one ready run through this worker: claim, execute, tell the end, free the slot, in this order, each safe to repeat.
 * Wherever the worker dies on it, the lease lapses, the run is ready again, and the next worker goes on from what Postgres says.
 */
export class RunHandler {
  constructor(private readonly deps: RunHandlerDeps) {}

  /** Resolves when the run has left the worker; never rejects. A run that must be handed back stays in hand. */
  async handle(ready: ReadyRun): Promise<void> {
    const { hand, ending } = this.deps;
    const run = new RunInHand(ready);
    hand.add(run);
    if (ending.aborted) run.leave('stopping');
    const log = this.deps.log.child({ run_id: run.runId });
    if (await this.work(run, log)) hand.remove(run);
  }

  /** False: the run is not at its end and must be handed back. */
  private async work(run: RunInHand, log: Logger): Promise<boolean> {
    let claimed: Claimed | null;
    try {
      claimed = await this.deps.claiming.claim(run);
    } catch (error) {
      return this.depart(run, error, log);
    }
    if (claimed === null) return true;
    const { run: row } = claimed;
    if (row === null) return this.release(run, null);
    return claimed.kind === 'gone'
      ? this.toEnd(run, claimed, row, log)
      : inRunSpan(run, claimed, () => this.toEnd(run, claimed, row, log));
  }

  private async toEnd(run: RunInHand, claimed: Claimed, row: RunRow, parentLog: Logger): Promise<boolean> {
    const { correlationId, userId, attempt } = row;
    const { span } = run;
    const trace = span.traceId === null ? {} : { trace_id: span.traceId };
    const log = parentLog.child({ correlation_id: correlationId, ...trace, user_id: userId, attempt });
    const outbox = new EventOutbox({ events: this.deps.events, userId, log });
    try {
      const ended = claimed.kind === 'claimed' ? await this.execute(run, claimed, outbox, log) : row;
      if (claimed.kind === 'exhausted') this.deps.metrics.ended(row);
      span.set({ 'weir.run.status': ended.status });
      if (ended.error !== null) span.fail(`${ended.error.code}: ${ended.error.reason}`);
      return await this.conclude(run, ended, outbox, log);
    } catch (error) {
      span.linger();
      return await this.depart(run, error, log);
    } finally {
      outbox.close();
    }
  }

  /** Resolves to the run as it has ended. */
  private async execute(
    run: RunInHand,
    claimed: Execution['claimed'],
    outbox: EventOutbox,
    log: Logger,
  ): Promise<RunRow> {
    run.attempt = claimed.run.attempt;
    await this.deps.leases.take(run);
    run.signal.throwIfAborted();
    const events = new RunEvents(claimed.run, outbox, run.span.traceParent);
    events.starting();
    this.observeStart(claimed.run, run.ready);
    log.info('run started', { workflow_id: claimed.run.workflowId, from_step: claimed.run.currentStep });
    return execute(this.deps, { claimed, signal: run.signal, span: run.span, events, log });
  }

  /**
   * Once per acceptance: a worker that goes on with a run, rescued or handed back, finds the time of the first claim in its row.
   * (Is the reply to the first claim lost, its repeat looks like going on, and the run is not counted.)
   */
  private observeStart(row: RunRow, ready: ReadyRun): void {
    if (!isFirstClaim(row)) return;
    this.deps.metrics.begun(row);
    this.deps.metrics.queueWait.observe(Math.max(0, ready.grantedAt - row.acceptedAt.getTime()) / 1_000);
    this.deps.metrics.startLatency.observe(Math.max(0, Date.now() - ready.grantedAt) / 1_000);
  }

  /**
   * Tells the end and frees the slot. In this order: a worker that dies in between leaves a slot that somebody finds, and with it
   * the run whose end must still be told.
   */
  private async conclude(run: RunInHand, row: RunRow, outbox: EventOutbox, log: Logger): Promise<boolean> {
    const event = terminalEvent(row);
    if (event === null) throw new Error(`nothing to do for a run that is ${row.status}`);
    outbox.store({ ...event, traceparent: run.span.traceParent ?? row.traceParent });
    const { ending } = this.deps;
    await untilAborted(outbox.flushed(), ending).catch(() => undefined);
    if (ending.aborted) return false;
    const ms = Math.round(performance.now() - run.takenAt);
    log.info('run ended', {
      status: row.status,
      duration_ms: ms,
      ...(row.error === null ? {} : { code: row.error.code }),
    });
    // Only a run that was here from its beginning to its end tells how long its workflow takes.
    const whole = run.attempt === 1 && row.status !== 'cancelled';
    return this.release(run, whole ? { workflowId: row.workflowId, ms } : null);
  }

  private release({ runId, attempt, span }: RunInHand, sample: ServiceSample | null): Promise<boolean> {
    return span.enter(() => this.deps.slots.release({ runId, attempt, sample }, this.deps.ending));
  }

  /** A run that leaves before its end, or has ended by somebody else's hand. */
  private async depart(run: RunInHand, error: unknown, log: Logger): Promise<boolean> {
    if (run.left === 'stopping') return false;
    if (run.left === 'lost') {
      log.warn('run lost to a later attempt');
      if (run.attempt < run.ready.attemptFloor + 1) this.deps.claiming.keepGrantNo(run);
      return true;
    }
    const fenced = error instanceof FencedOff;
    if (fenced) this.deps.metrics.fenced.inc();
    if (!fenced && run.left !== 'cancelled') {
      log.error('run dropped, it comes back when its lease lapses', { error });
      return true;
    }
    log.info(fenced ? 'run fenced off' : 'run cancelled');
    return this.settle(run, log);
  }

  /** After a cancel or a fenced write: whoever ended the run may have died before it was told and its slot freed. */
  private async settle(run: RunInHand, log: Logger): Promise<boolean> {
    const row = await this.deps.runs.get(run.runId).catch((error: unknown) => {
      log.warn('cannot look the run up', { error });
      return null;
    });
    if (row !== null && isFinal(row.status)) {
      const outbox = new EventOutbox({ events: this.deps.events, userId: row.userId, log });
      return this.conclude(run, row, outbox, log).finally(() => outbox.close());
    }
    // A cancel is told only after Postgres knows it; a fenced run without an end belongs to a later attempt.
    return run.left === 'cancelled' ? this.release(run, null) : true;
  }
}
