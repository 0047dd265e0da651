import type { StepFailureCode } from '../steps/step-failure.ts';

/** What a class of failure means. `retried`: the same call may succeed a moment later. `reason` is what the run's owner reads. */
interface FailureClass {
  retried: boolean;
  code: StepFailureCode;
  reason: string;
}

/** Every way a model call fails, classified once; policies ask this table and never an error's text. */
export const MODEL_FAILURES = {
  unreachable: { retried: true, code: 'llm_unavailable', reason: 'The model provider could not be reached.' },
  server_error: { retried: true, code: 'llm_unavailable', reason: 'The model provider had an internal error.' },
  rate_limited: {
    retried: true,
    code: 'llm_unavailable',
    reason: 'The model provider is overloaded or a rate limit is reached.',
  },
  stalled: { retried: true, code: 'llm_unavailable', reason: 'The model provider stopped answering.' },
  truncated: { retried: true, code: 'llm_incomplete', reason: 'The answer of the model was cut off before its end.' },
  malformed: {
    retried: true,
    code: 'llm_incomplete',
    reason: 'The model provider sent something that is not a valid answer.',
  },
  unauthorized: {
    retried: false,
    code: 'llm_unavailable',
    reason: 'The model provider does not accept our credentials.',
  },
  rejected: { retried: false, code: 'llm_rejected', reason: 'The model provider did not accept the request.' },
  content_filtered: { retried: false, code: 'llm_rejected', reason: 'The model provider refused the content.' },
  cut_short: {
    retried: false,
    code: 'llm_incomplete',
    reason:
      'The model reached its own length limit before the answer was complete. Set max_tokens to accept a shorter answer.',
  },
  too_large: {
    retried: false,
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
