import type { EventData, EventFrame } from '../../../shared/protocol/events.ts';
import type { RunAnswer, TriggerAnswer } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { RunProgress } from './run-progress.ts';
import { StepLog } from './step-log.ts';
import type { Ending, WatchUpdate } from './updates.ts';

export interface RunWatcherDeps {
  runId: string;
  /** Steps of the workflow, for names and kinds; null: not known. */
  definition: readonly Pick<Step, 'name' | 'type'>[] | null;
  /** Asks the server for the run; may reject. */
  fetchRun(): Promise<RunAnswer>;
  emit(update: WatchUpdate): void;
}

/**
 * Follows one run: takes frames of its owner's socket and answers of `GET /runs/{id}` in any mixture, tells each fact
 * once. Both are needed: frames are quick and carry model output, but what happened before the socket stood, or while
 * it was down for long, only the answer knows. `refresh` alone is enough to see a run to its end.
 */
export class RunWatcher {
  /** Resolves when the run is in a final state and everything has been told. */
  readonly ended: Promise<Ending>;
  private readonly steps: StepLog;
  private readonly progress: RunProgress;
  private work: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: RunWatcherDeps) {
    let settle: (ending: Ending) => void = () => {};
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.steps = new StepLog(deps.definition);
    this.progress = new RunProgress(this.steps, (update) => {
      deps.emit(update);
      if (update.kind === 'ended') settle(update.ending);
    });
  }

  /** The server's answer to the start of the run. */
  accepted(answer: TriggerAnswer): void {
    if (answer.status === 'queued') this.progress.waiting(answer.message ?? TEXTS.queued, answer.queue);
  }

  /** Frames are worked off one after the other; some need an answer of the server in between. */
  frame(frame: EventFrame): void {
    this.work = this.work.then(() => this.take(frame));
  }

  /** Takes in the run as the server has it now. Rejects when the server cannot be asked; frames do not wait for it. */
  async refresh(): Promise<void> {
    const run = await this.deps.fetchRun();
    this.work = this.work.then(() => this.progress.absorb(run));
    await this.work;
  }

  /**
   * `lost`: the socket is gone, pieces of live output may be missed. `away`: it does not come back at once, which people
   * are told. `back`: frames arrive again.
   */
  connection(state: 'lost' | 'away' | 'back'): void {
    this.work = this.work.then(() => {
      if (state !== 'back') this.steps.markGap();
      if (state !== 'lost') this.progress.connection(state === 'back');
    });
  }

  private async take(frame: EventFrame): Promise<void> {
    if (this.progress.ended) return;
    switch (frame.type) {
      case 'SNAPSHOT':
        return this.absorbCurrent();
      case 'CAPACITY_WARNING':
      case 'SERVER_DRAINING':
        return this.progress.warning(frame.data.message);
      case 'DEGRADED_MODE_ACTIVE':
        return this.progress.warning(`${frame.data.message} (off: ${names(frame.data.disabled)})`);
      case 'CAPACITY_CLEARED':
      case 'DEGRADED_MODE_CLEARED':
      case 'PROVIDER_RESTORED':
        return this.progress.relief(frame.data.message);
      case 'WORKFLOW_POSITION': {
        const place = frame.data.runs.find((entry) => entry.run_id === this.deps.runId);
        return place && this.progress.waiting(TEXTS.queued, place);
      }
      case 'RESUMED':
      case 'HEARTBEAT':
      case 'PONG':
        return;
    }
    if (frame.data.run_id !== this.deps.runId) return;
    switch (frame.type) {
      case 'WORKFLOW_QUEUED':
        return this.progress.waiting(frame.data.message, frame.data);
      case 'WORKFLOW_STARTING':
        return this.progress.starting(frame.data.message, frame.data.attempt);
      case 'WORKFLOW_STEP':
        return this.takeStep(frame.data);
      case 'WORKFLOW_OUTPUT':
        return this.progress.output(
          this.steps.facts(frame.data.step, null, 'llm'),
          frame.data.text,
          frame.data.restart === true,
        );
      case 'PROVIDER_SWITCHED':
        return this.progress.warning(frame.data.message);
      case 'WORKFLOW_COMPLETED':
        return this.takeEnd({ status: 'succeeded', message: frame.data.message, result: frame.data.result });
      case 'WORKFLOW_FAILED': {
        const { message, reason, step } = frame.data;
        return this.takeEnd({ status: 'failed', message, reason, step });
      }
      case 'WORKFLOW_CANCELLED':
        return this.takeEnd({ status: 'cancelled', message: frame.data.message });
      case 'WORKFLOW_QUEUE_TIMEOUT':
        return this.takeEnd({ status: 'timed_out', message: frame.data.message });
    }
  }

  private async takeStep(data: EventData<'WORKFLOW_STEP'>): Promise<void> {
    const facts = this.steps.facts(data.step, data.index);
    this.progress.stepStarted(facts, data.status !== 'started');
    if (data.status === 'started') return;
    if (data.status === 'succeeded' && this.progress.outputMissing(facts)) await this.absorbCurrent();
    this.progress.stepEnded(facts, data.status === 'succeeded', data.duration_ms);
  }

  /** The frame is enough to end; the server's document says more (times, steps, result), so it is preferred. */
  private async takeEnd(known: Pick<Ending, 'status' | 'message'> & Partial<Ending>): Promise<void> {
    await this.absorbCurrent();
    this.progress.end({ reason: null, step: null, result: null, run: null, ...known });
  }

  /** A refusal or a dead line is no news here: the next frame, snapshot or poll brings what was missed. */
  private async absorbCurrent(): Promise<void> {
    const run = await this.deps.fetchRun().catch(() => null);
    if (run) this.progress.absorb(run);
  }
}

/** `read_receipts` is "read receipts". */
function names(comforts: EventData<'DEGRADED_MODE_ACTIVE'>['disabled']): string {
  return comforts.map((comfort) => comfort.replaceAll('_', ' ')).join(', ');
}
