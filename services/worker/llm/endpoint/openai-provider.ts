import OpenAI from 'openai';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelCall, ModelProvider, ModelRequest } from '../provider.ts';
import { AnswerReader } from './answer-reader.ts';
import { classifyError } from './classify-error.ts';
import { StallWatch } from './stall-watch.ts';

/** Silence after which a call is given up (ms), before and between chunks; `timeout_seconds` of the step may be shorter. */
const STALL_MS = 30_000;
/** After the finish reason only the usage can come; a complete answer does not wait long for it (ms). */
const USAGE_WAIT_MS = 2_000;
/** Beyond every step's deadline, which is what really ends a call (ms). */
const SDK_TIMEOUT_MS = 700_000;

export interface OpenAiProviderOptions {
  name: string;
  /** With `/v1`. */
  baseUrl: string;
  /** '': none, as local servers need none. */
  apiKey: string;
  /** Model if a step names none. */
  model: string;
  stallMs?: number;
}

/** Any endpoint that speaks OpenAI chat completions, always streamed: only a stream shows that the other side is alive. */
export class OpenAiProvider implements ModelProvider {
  readonly name: string;
  private readonly client: OpenAI;
  private readonly stallMs: number;

  constructor(private readonly options: OpenAiProviderOptions) {
    this.name = options.name;
    this.stallMs = options.stallMs ?? STALL_MS;
    this.client = new OpenAI({
      baseURL: options.baseUrl,
      apiKey: options.apiKey || 'none',
      // Said explicitly, or the SDK takes them from the environment.
      organization: null,
      project: null,
      // It would print prompts.
      logLevel: 'off',
      // Our policy decides what is tried again.
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
    });
  }

  async complete(request: ModelRequest, call: ModelCall): Promise<ModelAnswer> {
    const reader = new AnswerReader(request);
    const watch = new StallWatch(this.stallMs, call.signal);
    try {
      await this.read(request, reader, watch, call);
    } catch (error) {
      call.signal.throwIfAborted();
      if (!reader.finished) throw watch.stalled ? new ModelFailure('stalled', { cause: error }) : classifyError(error);
    } finally {
      watch.clear();
    }
    call.signal.throwIfAborted();
    if (watch.stalled && !reader.finished) throw new ModelFailure('stalled');
    return reader.answer(this.name, this.options.model);
  }

  private async read(request: ModelRequest, reader: AnswerReader, watch: StallWatch, call: ModelCall): Promise<void> {
    const stream = await this.client.chat.completions.create(this.parameters(request), {
      signal: watch.signal,
      headers: { 'X-Correlation-Id': request.correlationId },
    });
    for await (const chunk of stream) {
      const text = reader.take(chunk);
      watch.alive(reader.finished ? USAGE_WAIT_MS : this.stallMs);
      if (text !== '') call.onText(text);
    }
  }

  private parameters(request: ModelRequest): ChatCompletionCreateParamsStreaming {
    return {
      model: request.model ?? this.options.model,
      messages: [
        ...(request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]),
        { role: 'user', content: request.prompt },
      ],
      stream: true,
      stream_options: { include_usage: true },
      ...(request.maxTokens === undefined ? {} : { max_tokens: request.maxTokens }),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    };
  }
}
