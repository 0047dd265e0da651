import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest, TokenUsage } from '../provider.ts';

/** Longest answer kept (characters): it travels in an event and in the run's result. */
export const MAX_ANSWER_LENGTH = 262_144;

/** What a chunk brought. */
interface Piece {
  /** Of the answer, '' if none. */
  text: string;
  /** It holds a token or the finish reason; role-only and empty chunks do not, and neither does the usage. */
  alive: boolean;
}

/**
 * Puts a stream's chunks together and decides whether they are a whole answer. Only a finish reason says so: a socket
 * that closed, a stream without an end and an aborted read all look alike to the SDK, which ends them without an error.
 */
export class AnswerReader {
  private text = '';
  private model = '';
  private usage: TokenUsage | null = null;
  private finishReason: string | null = null;

  constructor(
    private readonly request: ModelRequest,
    private readonly askedModel: string,
  ) {}

  /** The finish reason has come: the text is complete; only the usage may follow. */
  get finished(): boolean {
    return this.finishReason !== null;
  }

  /** Takes a chunk in. Throws `malformed` or `too_large`. */
  take(chunk: ChatCompletionChunk): Piece {
    // The SDK believes whatever JSON comes.
    if (typeof chunk !== 'object' || chunk === null) throw malformed('chunk that is no object');
    if (typeof chunk.model === 'string') this.model ||= chunk.model;
    this.usage = usageOf(chunk) ?? this.usage;
    const choice = chunk.choices?.[0];
    const delta: Delta = choice?.delta ?? {};
    const text = textOf(delta.content) + textOf(delta.refusal);
    this.text += text;
    if (this.text.length > MAX_ANSWER_LENGTH) throw new ModelFailure('too_large');
    // Some gateways send '' with every chunk.
    const finish = choice?.finish_reason || null;
    this.finishReason ??= finish;
    return { text, alive: text !== '' || finish !== null || thinks(delta) };
  }

  /** The whole answer; throws the failure when there is none. */
  answer(provider: string): ModelAnswer {
    const finishReason = this.finishReason;
    if (finishReason === null) throw new ModelFailure('truncated');
    if (finishReason === 'content_filter') throw new ModelFailure('content_filtered');
    if (finishReason === 'length' && this.request.maxTokens === undefined) throw new ModelFailure('cut_short');
    if (finishReason !== 'stop' && finishReason !== 'length') throw malformed(`finish reason "${finishReason}"`);
    return { text: this.text, provider, model: this.model || this.askedModel, finishReason, usage: this.usage };
  }
}

/** `reasoning_content` (DeepSeek, vLLM, llama.cpp) and `reasoning` (OpenRouter, newer vLLM) are no part of OpenAI's own schema. */
interface Delta {
  content?: unknown;
  /** The model's own words why it will not: an answer like any other, given to the run's owner. */
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  tool_calls?: unknown;
  function_call?: unknown;
}

/** The model is at work on something that is not the answer's text. */
function thinks(delta: Delta): boolean {
  return says(delta.reasoning_content) || says(delta.reasoning) || says(delta.tool_calls) || says(delta.function_call);
}

function says(part: unknown): boolean {
  return part !== undefined && part !== null && part !== '' && !(Array.isArray(part) && part.length === 0);
}

function textOf(part: unknown): string {
  if (part === undefined || part === null) return '';
  if (typeof part === 'string') return part;
  throw malformed('text that is no string');
}

/** null: none, or not one that can be counted. */
function usageOf(chunk: ChatCompletionChunk): TokenUsage | null {
  const inputTokens: unknown = chunk.usage?.prompt_tokens;
  const outputTokens: unknown = chunk.usage?.completion_tokens;
  return isCount(inputTokens) && isCount(outputTokens) ? { inputTokens, outputTokens } : null;
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && Number.isFinite(value);

const malformed = (what: string) => new ModelFailure('malformed', { cause: new Error(what) });
