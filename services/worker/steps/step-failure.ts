import type { StepFailureCode } from '../../../shared/workflow/failure-codes.ts';

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
