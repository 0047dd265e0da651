import type { ProblemDocument } from '../../errors/problem.ts';

/** An answer of the API that is not a success, with its problem document. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly problem: ProblemDocument,
    /** Seconds the server asks to wait before a repeat; null: it did not say. */
    readonly retryAfterSeconds: number | null,
  ) {
    super(problem.detail);
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): ProblemDocument['code'] {
    return this.problem.code;
  }
}
