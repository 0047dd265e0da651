import type { ScriptRunner } from './script-runner.ts';

export interface RequestPace {
  /** In the long run. */
  perSecond: number;
  /** At once, beyond that. */
  burst: number;
}

/** How many requests users make, over the whole cluster. */
export class RequestRate {
  constructor(private readonly scripts: ScriptRunner) {}

  /** Adds requests that were made; resolves to the milliseconds for which each user has to wait, 0: none, in the same order. */
  count(made: ReadonlyArray<{ userId: string; count: number }>, { perSecond, burst }: RequestPace): Promise<number[]> {
    return this.scripts.users(
      'countRequests',
      made.map(({ userId, count }) => ({ userId, args: [1_000 / perSecond, burst, count] })),
    );
  }
}
