import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { fullJitter } from '../../../shared/resilience/backoff.ts';
import type { Deadline } from '../steps/deadline.ts';
import { StepFailure } from '../steps/step-failure.ts';
import { MODEL_FAILURES, ModelFailure } from './model-failure.ts';
import { ModelLabels } from './model-labels.ts';
import type { ModelAnswer, ModelProvider, ModelRequest } from './provider.ts';
import { ProviderHealth, type ProviderStatus } from './provider-health.ts';

/** Calls of one step to one provider at most. */
const MAX_TRIES = 3;
/** Pause before a repeat: full jitter over 500 ms, then 1 s. */
const PAUSE_BASE_MS = 500;
const PAUSE_CAP_MS = 4_000;

export interface ProviderRouterDeps {
  /** null: none is configured, and every call says so. */
  primary: ModelProvider | null;
  metrics: Metrics['llm'];
  random?: () => number;
}

/** A call as its step sees it: however many providers and tries it takes, there is one answer. */
export interface RoutedCall {
  deadline: Deadline;
  onText(text: string): void;
  /** What came through `onText` is void: another try begins. */
  onRestart(): void;
  log: Logger;
}

/** Decides which provider answers and what is tried again. Rejects with `ModelFailure`, `StepFailure` or the deadline's reason. */
export class ProviderRouter {
  private readonly labels = new ModelLabels();
  private readonly health = new ProviderHealth();

  constructor(private readonly deps: ProviderRouterDeps) {}

  /** The providers as the calls of this replica have found them. */
  status(): ProviderStatus[] {
    const { primary } = this.deps;
    return primary === null ? [] : [{ name: primary.name, role: 'primary', status: this.health.status, active: true }];
  }

  async complete(request: ModelRequest, call: RoutedCall): Promise<ModelAnswer> {
    const provider = this.deps.primary;
    if (provider === null)
      throw new StepFailure('llm_not_configured', 'No model provider is configured on this server.');
    for (let tries = 1; ; tries++) {
      const attempt = new Attempt(provider, this.deps.metrics, this.labels);
      try {
        const answer = await attempt.run(request, call);
        this.health.succeeded();
        return answer;
      } catch (error) {
        this.health.failed(error);
        const pauseMs = error instanceof ModelFailure ? this.pauseBeforeRepeat(error, tries) : null;
        if (pauseMs === null || pauseMs >= call.deadline.remainingMs()) throw error;
        call.log.warn('model call failed, trying again', {
          provider: provider.name,
          tries,
          pause_ms: Math.round(pauseMs),
          error,
        });
        if (attempt.contentSent) call.onRestart();
        await abortableDelay(pauseMs, call.deadline.signal);
        call.deadline.signal.throwIfAborted();
      }
    }
  }

  /** Milliseconds to wait before the call is repeated; null: it is not. */
  private pauseBeforeRepeat(failure: ModelFailure, tries: number): number | null {
    if (!MODEL_FAILURES[failure.kind].retried || tries >= MAX_TRIES) return null;
    return Math.max(failure.retryAfterMs ?? 0, fullJitter(tries - 1, PAUSE_BASE_MS, PAUSE_CAP_MS, this.deps.random));
  }
}

/** One call to one provider, and its numbers. */
class Attempt {
  contentSent = false;

  constructor(
    private readonly provider: ModelProvider,
    private readonly metrics: Metrics['llm'],
    private readonly labels: ModelLabels,
  ) {}

  async run(request: ModelRequest, call: RoutedCall): Promise<ModelAnswer> {
    const provider = this.provider.name;
    const startedAt = performance.now();
    const onText = (text: string) => {
      if (!this.contentSent) this.metrics.firstContent.observe({ provider }, (performance.now() - startedAt) / 1_000);
      this.contentSent = true;
      call.onText(text);
    };
    try {
      const answer = await this.provider.complete(request, { signal: call.deadline.signal, onText });
      this.metrics.calls.inc({ provider, outcome: 'ok' });
      this.countTokens(answer);
      return answer;
    } catch (error) {
      this.metrics.calls.inc({ provider, outcome: this.outcome(error, call) });
      throw error;
    }
  }

  private outcome(error: unknown, call: RoutedCall): string {
    if (error instanceof ModelFailure) return error.kind;
    if (call.deadline.expired) return 'timeout';
    return call.deadline.signal.aborted ? 'aborted' : 'internal';
  }

  private countTokens(answer: ModelAnswer): void {
    if (answer.usage === null) return;
    const labels = { provider: answer.provider, model: this.labels.label(answer.model) };
    this.metrics.tokens.inc({ ...labels, direction: 'input' }, answer.usage.inputTokens);
    this.metrics.tokens.inc({ ...labels, direction: 'output' }, answer.usage.outputTokens);
  }
}
