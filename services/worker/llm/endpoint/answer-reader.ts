import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest, TokenUsage } from '../provider.ts';

/** Longest answer kept (characters): it travels in an event and in the run's result. */
export const MAX_ANSWER_LENGTH = 262_144;

/**
 * Puts a stream's chunks together and decides whether they are a whole answer. Only a finish reason says so: a socket
 * that closed, a stream without an end and an aborted read all look alike to the SDK, which ends them without an error.
 */
export class AnswerReader {
  private text = '';
  private model: string | undefined;
  private usage: TokenUsage | null = null;
  private finishReason: string | null = null;

  constructor(private readonly request: ModelRequest) {}

  /** The finish reason has come: the text is complete; only the usage may follow. */
  get finished(): boolean {
    return this.finishReason !== null;
  }

  /** Takes a chunk in and answers its text, '' if it carries none. Throws `too_large`. */
  take(chunk: ChatCompletionChunk): string {
    this.model ??= chunk.model;
    if (chunk.usage)
      this.usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
    const choice = chunk.choices?.[0];
    const piece = choice?.delta?.content ?? '';
    this.text += piece;
    if (this.text.length > MAX_ANSWER_LENGTH) throw new ModelFailure('too_large');
    this.finishReason ??= choice?.finish_reason ?? null;
    return piece;
  }

  /** The whole answer; throws the failure when there is none. */
  answer(provider: string, defaultModel: string): ModelAnswer {
    const finishReason = this.finishReason;
    if (finishReason === null) throw new ModelFailure('truncated');
    if (finishReason === 'content_filter') throw new ModelFailure('content_filtered');
    if (finishReason === 'length' && this.request.maxTokens === undefined) throw new ModelFailure('cut_short');
    if (finishReason !== 'stop' && finishReason !== 'length')
      throw new ModelFailure('malformed', { cause: new Error(`finish reason "${finishReason}"`) });
    return {
      text: this.text,
      provider,
      model: this.model || (this.request.model ?? defaultModel),
      finishReason,
      usage: this.usage,
    };
  }
}
