import { BoundedLabels } from '../../../../shared/observability/bounded-labels.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import { ModelFailure } from '../model-failure.ts';
import type { RoutedAnswer } from './provider-router.ts';

/** A step may name any text as its model. */
const MAX_MODELS = 20;
const MAX_USERS = 200;

/** The numbers of model calls. Tokens are those of whole answers: what failed attempts may have cost, no provider tells. */
export class CallMetrics {
  private readonly models = new BoundedLabels(MAX_MODELS);
  private readonly users = new BoundedLabels(MAX_USERS);

  constructor(readonly metrics: Metrics['llm']) {}

  begun(provider: string): void {
    this.metrics.inFlight.inc({ provider });
  }

  ended(provider: string, outcome: string): void {
    this.metrics.inFlight.dec({ provider });
    this.metrics.calls.inc({ provider, outcome });
  }

  answered({ provider, model, usage, costUsd }: RoutedAnswer, userId: string): void {
    if (usage === null) return;
    const labels = { provider, model: this.models.label(model) };
    const user = this.users.label(userId);
    for (const [direction, tokens] of [
      ['input', usage.inputTokens],
      ['output', usage.outputTokens],
    ] as const) {
      this.metrics.tokens.inc({ ...labels, direction }, tokens);
      this.metrics.userTokens.inc({ user, direction }, tokens);
    }
    if (costUsd !== null) this.metrics.cost.inc(labels, costUsd);
  }
}

/** Label of a call that ended with `error`. */
export function outcomeOf(error: unknown, deadline: { expired: boolean; signal: AbortSignal }): string {
  if (error instanceof ModelFailure) return error.kind;
  if (deadline.expired) return 'timeout';
  return deadline.signal.aborted ? 'aborted' : 'left';
}
