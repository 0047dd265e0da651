/** A completion asked of a model; texts are filled in already. */
export interface ModelRequest {
  prompt: string;
  system?: string;
  /** The provider's own default if the step names none. */
  model?: string;
  maxTokens?: number;
  temperature?: number;
  correlationId: string;
}

/** How one call is followed and ended. */
export interface ModelCall {
  /** Ends the call at once and closes its connection. */
  signal: AbortSignal;
  /** Pieces of the answer as they come, never empty. */
  onText(text: string): void;
}

export interface TokenUsage {
  inputTokens: number;
  outputTokens: number;
}

/** A whole answer; a provider never resolves with part of one. */
export interface ModelAnswer {
  text: string;
  provider: string;
  model: string;
  /** `length`: it ends at the `maxTokens` that the request set. */
  finishReason: 'stop' | 'length';
  /** null: the provider did not say. */
  usage: TokenUsage | null;
}

/** One endpoint that answers. Rejects with `ModelFailure`, or with the signal's reason when that ended the call. Retries nothing. */
export interface ModelProvider {
  /** Stable name in metrics, logs and usage: `primary`, `backup`. */
  readonly name: string;
  complete(request: ModelRequest, call: ModelCall): Promise<ModelAnswer>;
}
