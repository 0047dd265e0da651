/** Why a step failed, as a stable code of the run's `error`. */
export type StepFailureCode =
  | 'template_invalid'
  | 'llm_not_configured'
  | 'llm_unavailable'
  | 'llm_rejected'
  | 'llm_incomplete'
  | 'llm_timeout'
  | 'webhook_refused'
  | 'webhook_unreachable'
  | 'webhook_answer'
  | 'webhook_timeout'
  | 'internal';

export interface StepFailureOptions {
  /** For the log only. */
  cause?: unknown;
}

/** A step that cannot succeed: the run fails with `code` and `reason`. `reason` is read by the run's owner, so nothing internal. */
export class StepFailure extends Error {
  constructor(
    readonly code: StepFailureCode,
    readonly reason: string,
    options: StepFailureOptions = {},
  ) {
    super(reason, options);
    this.name = 'StepFailure';
  }
}
