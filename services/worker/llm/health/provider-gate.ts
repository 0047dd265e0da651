/** The door to one provider: shut while its breaker is not closed, and counting what comes of each call. */
export interface ProviderGate {
  readonly name: string;
  /** True: calls may be made. */
  readonly closed: boolean;
  /** Aborts in the moment the breaker opens, for calls that have no token yet and could be answered by another provider. New after each closing. */
  readonly whileClosed: AbortSignal;
  /**
   * Makes a call and counts its outcome by the class of its failure. What is no `ModelFailure` (an abort, a fault of ours) says nothing about the
   * provider and is not counted, neither for nor against it. `onAlive` is to be called with the first token. Rejects with `ProviderOpen`
   * without calling `work` when not closed, else as `work` does.
   */
  execute<T>(work: (onAlive: () => void) => Promise<T>): Promise<T>;
}

/** The call was not made: the provider's breaker is open. */
export class ProviderOpen extends Error {
  constructor(readonly provider: string) {
    super(`${provider}: breaker open`);
    this.name = 'ProviderOpen';
  }
}
