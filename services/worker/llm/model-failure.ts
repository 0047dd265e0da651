import type { StepFailureCode } from '../../../shared/workflow/failure-codes.ts';

/**
 * What a failure says about the provider. `no`: it answers, the request was the problem. `failure`: counts; three in a row open its breaker.
 * `opens`: asking it again is pointless now.
 */
export type CountsAs = 'no' | 'failure' | 'opens';

/**
 * What is done next. `repeat`: once more on the same provider after a pause, then another provider. `other`: another provider at once.
 * `larger_model`: a model with a longer context. `fail`: nobody would answer it better.
 */
export type NextStep = 'repeat' | 'other' | 'larger_model' | 'fail';

/** `reason` is what the run's owner reads. */
interface FailureClass {
  counts: CountsAs;
  next: NextStep;
  code: StepFailureCode;
  reason: string;
}

/**
 * Every way a model call fails, classified once; whoever counts, repeats or switches asks this table and never an error's text.
 * Page: docs/providers.md, held against this table by a test.
 */
export const MODEL_FAILURES = {
  unreachable: {
    counts: 'failure',
    next: 'repeat',
    code: 'llm_unavailable',
    reason: 'The model provider could not be reached.',
  },
  server_error: {
    counts: 'failure',
    next: 'repeat',
    code: 'llm_unavailable',
    reason: 'The model provider had an internal error.',
  },
  /** 429 with a wait that is short enough to be kept. */
  throttled: {
    counts: 'no',
    next: 'repeat',
    code: 'llm_unavailable',
    reason: 'The model provider asks to come back later.',
  },
  /** 429 without a wait, or with a long one. */
  rate_limited: {
    counts: 'failure',
    next: 'repeat',
    code: 'llm_unavailable',
    reason: 'The model provider is overloaded or a rate limit is reached.',
  },
  /** No token within the time for the first one. Opens, unless another call was answered meanwhile: then this prompt is slow, not the provider. */
  slow: {
    counts: 'opens',
    next: 'other',
    code: 'llm_unavailable',
    reason: 'The model provider did not answer in time.',
  },
  stalled: {
    counts: 'failure',
    next: 'other',
    code: 'llm_unavailable',
    reason: 'The model provider stopped in the middle of its answer.',
  },
  truncated: {
    counts: 'failure',
    next: 'other',
    code: 'llm_incomplete',
    reason: 'The answer of the model was cut off before its end.',
  },
  malformed: {
    counts: 'failure',
    next: 'other',
    code: 'llm_incomplete',
    reason: 'The model provider sent something that is not a valid answer.',
  },
  /** 401, 403, a spent budget: no call will succeed until a person has acted. */
  unauthorized: {
    counts: 'opens',
    next: 'other',
    code: 'llm_unavailable',
    reason: 'The model provider does not accept our credentials.',
  },
  rejected: {
    counts: 'no',
    next: 'fail',
    code: 'llm_rejected',
    reason: 'The model provider did not accept the request.',
  },
  context_too_long: {
    counts: 'no',
    next: 'larger_model',
    code: 'llm_rejected',
    reason: 'The prompt is longer than the model can read.',
  },
  content_filtered: {
    counts: 'no',
    next: 'fail',
    code: 'llm_rejected',
    reason: 'The model provider refused the content.',
  },
  cut_short: {
    counts: 'no',
    next: 'fail',
    code: 'llm_incomplete',
    reason:
      'The model reached its own length limit before the answer was complete. Set max_tokens to accept a shorter answer.',
  },
  too_large: {
    counts: 'no',
    next: 'fail',
    code: 'llm_incomplete',
    reason: 'The answer of the model is larger than a step may keep.',
  },
} as const satisfies Record<string, FailureClass>;

export type ModelFailureKind = keyof typeof MODEL_FAILURES;

export interface ModelFailureOptions {
  cause?: unknown;
  /** HTTP status of the answer, if there was one. */
  status?: number;
  /** The provider's wish how long to wait (ms). */
  retryAfterMs?: number;
  /** What the provider says about the request, for its author. */
  detail?: string;
}

/** A model call without a whole answer. */
export class ModelFailure extends Error {
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly detail: string | undefined;

  constructor(
    readonly kind: ModelFailureKind,
    options: ModelFailureOptions = {},
  ) {
    super(`model call failed: ${kind}`, { cause: options.cause });
    this.name = 'ModelFailure';
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail;
  }
}
