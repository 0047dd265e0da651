import { abortableDelay } from '../../../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import type { Deadline } from '../../steps/deadline.ts';
import { StepFailure } from '../../steps/step-failure.ts';
import type { ProviderBoard } from '../health/provider-board.ts';
import { type ProviderGate, ProviderOpen } from '../health/provider-gate.ts';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelProvider, ModelRequest } from '../provider.ts';
import { costOf, type TokenPrice } from '../token-price.ts';
import { Attempt, ProviderLeft } from './attempt.ts';
import type { CallLimits } from './call-limits.ts';
import type { CallMetrics } from './call-metrics.ts';
import { nextTry } from './next-try.ts';
import type { RetryBudget } from './retry-budget.ts';
import { StepCalls } from './step-calls.ts';

/** Pause before the retry budget is asked again when there is nobody else to ask (ms). */
const BUDGET_PAUSE_MS = 1_000;

/** A provider as the router uses it. */
export interface RoutedProvider {
  provider: ModelProvider;
  limits: CallLimits;
  price: TokenPrice;
}

export interface RoutedAnswer extends ModelAnswer {
  /** US dollars; null: not known. */
  costUsd: number | null;
}

export interface ProviderRouterDeps {
  board: Pick<ProviderBoard, 'order' | 'onChange'>;
  /** By name; the first one is the usual one. Empty: none is configured, and every call says so. */
  providers: ReadonlyMap<string, RoutedProvider>;
  budget: RetryBudget;
  metrics: CallMetrics;
  /** The user has been told that another provider answers. */
  switched(userId: string): void;
  random?: () => number;
}

/** A call as its step sees it: however many providers and tries it takes, there is one answer. */
export interface RoutedCall {
  deadline: Deadline;
  userId: string;
  onText(text: string): void;
  /** What came through `onText` is void: another try begins. */
  onRestart(): void;
  /** Another provider than the usual one is asked. Once a step. */
  onSwitched(provider: string): void;
  log: Logger;
}

/**
 * Takes one step's call to its answer: chooses the provider, repeats, goes to another one, asks a larger model, within the step's time. Rejects with
 * `ModelFailure`, `StepFailure` or the deadline's reason; never later than the deadline.
 */
export class ProviderRouter {
  private readonly usual: string | undefined;

  constructor(private readonly deps: ProviderRouterDeps) {
    [this.usual] = deps.providers.keys();
  }

  async complete(request: ModelRequest, call: RoutedCall): Promise<RoutedAnswer> {
    if (this.usual === undefined)
      throw new StepFailure('llm_not_configured', 'No model provider is configured on this server.');
    const { budget, board, providers, metrics } = this.deps;
    const step = new StepCalls({ board, providers, usual: this.usual, request, call, metrics });
    const callEnds = budget.begin();
    try {
      const answer = await this.untilAnswered(step, call);
      metrics.answered(answer, call.userId);
      return answer;
    } catch (error) {
      // Time ran out while no provider could be asked: why is worth more than that.
      if (call.deadline.expired && !step.answering) throw step.lastFailure ?? error;
      throw error;
    } finally {
      step.end();
      callEnds();
    }
  }

  private async untilAnswered(step: StepCalls, call: RoutedCall): Promise<RoutedAnswer> {
    for (;;) {
      const target = await step.choose();
      if (target.switched) this.deps.switched(call.userId);
      const attempt = new Attempt({
        gate: target.gate,
        ...target.routed,
        metrics: this.deps.metrics,
        deadline: call.deadline,
        otherClosed: () => step.others(target.gate.name).length > 0,
        onBoardChange: (handler) => this.deps.board.onChange(handler),
        onText: call.onText,
      });
      try {
        const answer = await step.run(target, attempt);
        return { ...answer, costUsd: costOf(answer.usage, target.routed.price) };
      } catch (error) {
        if (call.deadline.signal.aborted) throw call.deadline.signal.reason;
        if (attempt.textSent) call.onRestart();
        if (error instanceof ProviderOpen || error instanceof ProviderLeft) continue;
        if (!(error instanceof ModelFailure)) throw error;
        await this.afterFailure(step, target.gate, error, call);
      }
    }
  }

  /** Prepares the next try; rejects with the failure when there is none. */
  private async afterFailure(
    step: StepCalls,
    gate: ProviderGate,
    failure: ModelFailure,
    call: RoutedCall,
  ): Promise<void> {
    const { deadline, log } = call;
    const provider = gate.name;
    const next = nextTry({
      failure,
      ...step.after(provider),
      remainingMs: deadline.remainingMs(),
      random: this.deps.random,
    });
    log.warn('model call failed', { provider, kind: failure.kind, calls: step.calls, next, error: failure });
    if (next.kind === 'fail') throw failure;
    step.failed(provider, failure, next);
    // Before the pause: who gets no place goes elsewhere at once.
    if (next.kind !== 'repeat' || !(await this.takeRetry(step, gate, call))) return;
    await this.pause(next.afterMs, gate, deadline);
  }

  /** A place in the retry budget; false: the other provider is next, or the breaker has opened. Without another one the call waits. */
  private async takeRetry(step: StepCalls, gate: ProviderGate, { deadline }: RoutedCall): Promise<boolean> {
    while (gate.closed) {
      const place = await this.deps.budget.take(deadline.remainingMs(), deadline.signal);
      const outcome = place === null ? 'denied' : 'granted';
      this.deps.metrics.metrics.retries.inc({ provider: gate.name, outcome });
      if (place !== null) {
        step.repeats(place);
        return true;
      }
      if (step.others(gate.name).length > 0) {
        step.avoid(gate.name);
        return false;
      }
      await this.pause(BUDGET_PAUSE_MS * (0.5 + (this.deps.random ?? Math.random)()), gate, deadline);
    }
    return false;
  }

  /** Ends early when the breaker opens: nobody waits for a dead provider. Rejects with the deadline's reason. */
  private async pause(ms: number, gate: ProviderGate, deadline: Deadline): Promise<void> {
    await abortableDelay(ms, AbortSignal.any([deadline.signal, gate.whileClosed]));
    if (deadline.signal.aborted) throw deadline.signal.reason;
  }
}
