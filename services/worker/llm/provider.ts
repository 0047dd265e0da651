import type { TraceSpan } from '../../../shared/observability/tracing/spans.ts';

/** A completion asked of a model; texts are filled in already. */
export interface ModelRequest {
  prompt: string;
  system?: string;
  /** The provider's own default if the step names none; only the primary heeds it. */
  model?: string;
  /** True: ask the provider's model with the longer context. */
  large?: boolean;
  maxTokens?: number;
  temperature?: number;
  correlationId: string;
  /** Whose part the calls are; left out: nobody's. */
  span?: TraceSpan;
}

/** How one call is followed and ended. */
export interface ModelCall {
  /** Ends the call at once and closes its connection. */
  signal: AbortSignal;
  /** Pieces of the answer as they come, never empty. */
  onText(text: string): void;
  /** The first token has come, of the answer or of the model's reasoning: the provider is at work. Once a call. */
  onAlive?(): void;
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

/** One endpoint that answers. */
export interface ModelProvider {
  /** Stable name in metrics, logs and usage: `primary`, `backup`. */
  readonly name: string;
  /** False: `large` requests cannot be asked of it. */
  readonly hasLargeModel: boolean;
  /**
   * Rejects with `ModelFailure`, or with the signal's reason when that ended the call. Retries nothing. Ends within bounded time: the first token
   * is awaited for `WEIR_LLM_FIRST_CONTENT_SECONDS`, each next one for `WEIR_LLM_STALL_SECONDS`.
   */
  complete(request: ModelRequest, call: ModelCall): Promise<ModelAnswer>;
}
