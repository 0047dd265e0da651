import { z } from 'zod';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import type { StepContext, StepExecutor, StepResult } from './step-executor.ts';

type DelayStep = Extract<Step, { type: 'delay' }>;

/** Shorter waits are simply waited again after a rescue: a write for each would cost more than it saves (ms). */
const DURABLE_FROM_MS = 5_000;

/** `wake_at`: Unix ms. */
const wakeStateSchema = z.object({ step: z.int(), wake_at: z.number() });

/** Waits. A longer wait stores when it ends, so that a run that changes its worker waits only the rest. */
export class DelayExecutor implements StepExecutor<DelayStep> {
  constructor(private readonly now: () => number = Date.now) {}

  async execute(step: DelayStep, context: StepContext): Promise<StepResult> {
    const durationMs = step.config.duration * 1_000;
    await abortableDelay(await this.remainingMs(durationMs, context), context.signal);
    context.signal.throwIfAborted();
    return { output: { waited_seconds: step.config.duration } };
  }

  private async remainingMs(durationMs: number, context: StepContext): Promise<number> {
    if (durationMs <= DURABLE_FROM_MS) return durationMs;
    const stored = wakeStateSchema.safeParse(context.state);
    if (stored.success && stored.data.step === context.index) {
      // Another worker's clock wrote it: no difference between clocks may make the wait longer than it was meant.
      return Math.min(durationMs, Math.max(0, stored.data.wake_at - this.now()));
    }
    await context.saveState({ step: context.index, wake_at: this.now() + durationMs });
    return durationMs;
  }
}
