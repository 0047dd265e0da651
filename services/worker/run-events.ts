import type { RunRow } from '../../db/repositories/run-row.ts';
import { eventId, notRunningAfter } from '../../shared/protocol/event-order.ts';
import type { EventData } from '../../shared/protocol/events.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import type { EventOutbox } from './event-outbox.ts';
import { OutputCoalescer } from './output-coalescer.ts';
import type { StepOutput } from './steps/step-executor.ts';

type StepStatus = EventData<'WORKFLOW_STEP'>['status'];

/** What the user hears of a run while one attempt executes it. Dedupe ids carry the attempt: a later one tells its own story. */
export class RunEvents {
  private readonly notAfter: readonly string[];
  private readonly about: { run_id: string; workflow_id: string; workflow_name: string };

  constructor(
    private readonly run: RunRow,
    private readonly outbox: EventOutbox,
    private readonly traceParent: string | null = null,
  ) {
    this.notAfter = notRunningAfter(run.id, run.attempt);
    this.about = { run_id: run.id, workflow_id: run.workflowId, workflow_name: run.workflowName };
  }

  starting(): void {
    const { attempt, stepCount } = this.run;
    const message = attempt > 1 ? TEXTS.continuing : TEXTS.starting;
    this.outbox.store({
      userId: this.run.userId,
      type: 'WORKFLOW_STARTING',
      data: { message, ...this.about, attempt, step_count: stepCount },
      dedupeId: eventId(this.run.id, 'WORKFLOW_STARTING', attempt),
      notAfter: this.notAfter,
      traceparent: this.traceParent,
    });
  }

  step(step: Step, index: number, status: StepStatus, durationMs: number | null): void {
    this.outbox.store({
      userId: this.run.userId,
      type: 'WORKFLOW_STEP',
      data: {
        ...this.about,
        step: step.name,
        index,
        step_count: this.run.stepCount,
        status,
        duration_ms: durationMs === null ? null : Math.round(durationMs),
      },
      dedupeId: `${eventId(this.run.id, 'WORKFLOW_STEP', this.run.attempt)}:${index}:${status}`,
      notAfter: this.notAfter,
    });
  }

  /** Once per run, however many steps, attempts and switches it takes. */
  private providerSwitched(provider: string): void {
    this.outbox.store({
      userId: this.run.userId,
      type: 'PROVIDER_SWITCHED',
      data: { message: TEXTS.providerSwitched, ...this.about, provider },
      dedupeId: `${this.run.id}:PROVIDER_SWITCHED`,
      notAfter: this.notAfter,
    });
  }

  /** Where the live text of a step goes; `end` sends the rest, `discard` forgets it. */
  output(step: Step): StepOutput & { end(): void; discard(): void } {
    const frames = new OutputCoalescer((text, restart) => {
      const data = { ...this.about, step: step.name, text, ...(restart ? { restart: true } : {}) };
      this.outbox.live({ type: 'WORKFLOW_OUTPUT', data, at: new Date().toISOString() });
    });
    return {
      text: (piece) => frames.add(piece),
      restart: () => frames.restart(),
      providerSwitched: (provider) => this.providerSwitched(provider),
      end: () => frames.flush(),
      discard: () => frames.discard(),
    };
  }
}
