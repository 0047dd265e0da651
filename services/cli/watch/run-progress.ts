import type { RunAnswer } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { isFinal, type RunStatus } from '../../../shared/workflow/run-state.ts';
import { outputText } from './output-text.ts';
import type { StepLog } from './step-log.ts';
import type { Ending, StepFacts, WatchUpdate } from './updates.ts';

/** The sentence of each final state, for runs whose end was read from the server rather than heard in a frame. */
const END_TEXTS: Partial<Record<RunStatus, string>> = {
  succeeded: TEXTS.completed,
  failed: TEXTS.failed,
  cancelled: TEXTS.cancelled,
  timed_out: TEXTS.queueTimeout,
};

/** What has been told of a run. Every method may be called with old news: only what is new is emitted, and nothing after the end. */
export class RunProgress {
  private phase: 'new' | 'waiting' | 'running' | 'ended' = 'new';
  private attempt = 0;
  private place = '';
  private readonly warnings = new Set<string>();
  private away = false;

  constructor(
    private readonly steps: StepLog,
    private readonly emit: (update: WatchUpdate) => void,
  ) {}

  get ended(): boolean {
    return this.phase === 'ended';
  }

  /** `message`: what the server says to the wait; more than the usual sentence is a warning to tell beside it. */
  waiting(message: string, place: RunAnswer['queue']): void {
    const key = JSON.stringify([place?.position, place?.estimated_wait_seconds, place?.expires_at]);
    if (this.phase === 'running' || this.ended || (this.phase === 'waiting' && key === this.place)) return;
    this.phase = 'waiting';
    this.place = key;
    this.emit({ kind: 'waiting', message: TEXTS.queued, place });
    if (place !== null && message !== TEXTS.queued) this.warning(message);
  }

  starting(message: string, attempt: number): void {
    if (this.ended || attempt <= this.attempt) return;
    this.phase = 'running';
    this.attempt = attempt;
    this.emit({ kind: 'starting', message, attempt });
  }

  /** `gap`: pieces of its output may have been missed. */
  stepStarted(step: StepFacts, gap: boolean): void {
    if (!this.ended && this.steps.start(step, this.attempt, gap)) this.emit({ kind: 'step_started', step });
  }

  stepEnded(step: StepFacts, succeeded: boolean, durationMs: number | null): void {
    if (!this.ended && this.steps.end(step.name)) this.emit({ kind: 'step_ended', step, succeeded, durationMs });
  }

  output(facts: StepFacts, text: string, restart: boolean): void {
    this.stepStarted(facts, true);
    const step = this.steps.get(facts.name);
    if (this.ended || step?.state !== 'started') return;
    if (restart) [step.told, step.gap] = ['', false];
    step.told += text;
    if (text !== '' || restart) this.emit({ kind: 'output', step: facts, text, restart });
  }

  /** Whether a step that has just ended may have output nobody has told. */
  outputMissing(facts: StepFacts): boolean {
    const step = this.steps.get(facts.name);
    return step?.state === 'started' && facts.kind !== 'delay' && (step.gap || step.told === '');
  }

  /** A banner comes again with every new socket: repeats are swallowed, and good news nobody was waiting for. */
  warning(message: string): void {
    if (this.ended || this.warnings.has(message)) return;
    this.warnings.add(message);
    this.emit({ kind: 'notice', tone: 'warning', message });
  }

  relief(message: string): void {
    if (this.ended || this.warnings.size === 0) return;
    this.warnings.clear();
    this.emit({ kind: 'notice', tone: 'good', message });
  }

  /** Tells a lost connection once, and its return if the loss was told. */
  connection(up: boolean): void {
    if (this.ended || this.away !== up) return;
    this.away = !up;
    const message = up ? 'Connected again' : 'The connection is lost, the run goes on; reconnecting';
    this.emit({ kind: 'notice', tone: up ? 'good' : 'warning', message });
  }

  /** The run as the server has it. */
  absorb(run: RunAnswer): void {
    if (this.ended) return;
    if (run.status === 'queued') this.waiting(TEXTS.queued, run.queue);
    else if (run.started_at !== null) this.starting(run.attempt > 1 ? TEXTS.continuing : TEXTS.starting, run.attempt);
    for (const step of run.steps ?? []) {
      const facts = this.steps.facts(step.name, step.index, step.type);
      this.stepStarted(facts, true);
      this.completeOutput(facts, outputText(step));
      this.stepEnded(facts, true, Date.parse(step.finished_at) - Date.parse(step.started_at));
    }
    if (run.status === 'running') this.absorbCurrentStep(run);
    if (isFinal(run.status)) this.absorbEnd(run);
  }

  end(ending: Ending): void {
    if (this.ended) return;
    this.phase = 'ended';
    this.emit({ kind: 'ended', ending });
  }

  private absorbCurrentStep(run: RunAnswer): void {
    const name = this.steps.nameAt(run.current_step);
    if (name !== undefined) this.stepStarted(this.steps.facts(name, run.current_step), true);
  }

  private absorbEnd(run: RunAnswer): void {
    const failedStep = run.error?.step ?? null;
    if (failedStep !== null) {
      const facts = this.steps.facts(failedStep, null);
      this.stepStarted(facts, true);
      this.stepEnded(facts, false, null);
    }
    this.end({
      status: run.status,
      message: END_TEXTS[run.status] ?? '',
      reason: run.error?.reason ?? null,
      step: failedStep,
      result: run.result,
      run,
    });
  }

  /** Tells what is missing of a finished step's output; all of it again where the pieces do not fit. */
  private completeOutput(facts: StepFacts, full: string): void {
    const step = this.steps.get(facts.name);
    if (step?.state !== 'started' || full === '' || full === step.told) return;
    const fits = full.startsWith(step.told);
    this.emit({ kind: 'output', step: facts, text: fits ? full.slice(step.told.length) : full, restart: !fits });
    step.told = full;
  }
}
