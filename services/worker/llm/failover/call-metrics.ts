import { BoundedLabels } from '../../../../shared/observability/bounded-labels.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import type { ProbeOutcome } from '../health/probe-call.ts';
import { MODEL_FAILURES, ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { RoutedAnswer } from './provider-router.ts';

/** A step may name any text as its model. */
const MAX_MODELS = 20;
const MAX_USERS = 200;

const ENDED_BY_US = ['timeout', 'aborted', 'left'] as const;
const PROBE_OUTCOMES: ReadonlyArray<ProbeOutcome['kind']> = ['works', 'fails', 'unknown'];

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

/** Lets what these providers may come to begin at 0, so that a rate sees the first of its kind too. */
export function prepareCalls(metrics: Metrics['llm'], providers: readonly string[]): void {
  const kinds = Object.keys(MODEL_FAILURES) as ModelFailureKind[];
  for (const provider of providers) {
    metrics.inFlight.set({ provider }, 0);
    for (const outcome of ['ok', ...kinds, ...ENDED_BY_US]) metrics.calls.inc({ provider, outcome }, 0);
    for (const outcome of ['granted', 'denied']) metrics.retries.inc({ provider, outcome }, 0);
    for (const outcome of PROBE_OUTCOMES) metrics.probes.inc({ provider, outcome }, 0);
    for (const reason of kinds.filter((kind) => MODEL_FAILURES[kind].counts !== 'no'))
      metrics.openings.inc({ provider, reason }, 0);
    for (const to of providers.filter((other) => other !== provider)) {
      for (const reason of ['open', ...kinds.filter((kind) => MODEL_FAILURES[kind].next !== 'fail')])
        metrics.switches.inc({ from: provider, to, reason }, 0);
    }
  }
}

/** Label of a call that ended with `error`. */
export function outcomeOf(
  error: unknown,
  deadline: { expired: boolean; signal: AbortSignal },
): ModelFailureKind | (typeof ENDED_BY_US)[number] {
  if (error instanceof ModelFailure) return error.kind;
  if (deadline.expired) return 'timeout';
  return deadline.signal.aborted ? 'aborted' : 'left';
}
