import type OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelCall, ModelProvider, ModelRequest } from '../provider.ts';
import { AnswerReader } from './answer-reader.ts';
import { classifyError } from './classify-error.ts';
import { type LifeLimits, LifeWatch } from './life-watch.ts';
import { ModelSpans } from './model-spans.ts';
import { type EndpointOptions, inTrace, openAiClient } from './openai-client.ts';

/** What Azure OpenAI accepts as the name of a deployment. */
const DEPLOYMENT = /^\w[\w.-]*$/;

export interface OpenAiProviderOptions extends EndpointOptions, LifeLimits {
  name: string;
  /** Model if a step names none. */
  model: string;
  /** Model with a longer context; '': none. */
  largeModel: string;
  /** True: `model` is asked whatever the step names, and the step's only if `model` is ''. Names of models mean nothing to another provider. */
  ignoresStepModel: boolean;
}

interface Sent extends ModelRequest {
  traceParent: string | null;
}

/** Any endpoint that speaks OpenAI chat completions, always streamed: only a stream shows that the other side is alive. */
export class OpenAiProvider implements ModelProvider {
  readonly name: string;
  readonly hasLargeModel: boolean;
  private readonly client: OpenAI;
  private readonly spans: ModelSpans;

  constructor(private readonly options: OpenAiProviderOptions) {
    this.name = options.name;
    this.hasLargeModel = options.largeModel !== '';
    this.client = openAiClient(options);
    this.spans = new ModelSpans(options);
  }

  async complete(request: ModelRequest, call: ModelCall): Promise<ModelAnswer> {
    const model = this.modelOf(request);
    // The SDK writes it into the address as it is, and it may come from a step.
    if (this.options.apiVersion !== '' && !DEPLOYMENT.test(model))
      throw new ModelFailure('rejected', { detail: `"${model}" is not the name of a deployment.` });
    return this.spans.inside({ model, request }, ({ traceParent }) =>
      this.ask({ ...request, traceParent }, call, model),
    );
  }

  private async ask(request: Sent, call: ModelCall, model: string): Promise<ModelAnswer> {
    const reader = new AnswerReader(request, model);
    const watch = new LifeWatch(this.options, call.signal);
    try {
      await this.read(request, reader, watch, call, model);
    } catch (error) {
      call.signal.throwIfAborted();
      throw watch.failure ?? error;
    } finally {
      watch.clear();
    }
    // The SDK ends an aborted stream without an error.
    call.signal.throwIfAborted();
    if (watch.failure) throw watch.failure;
    return reader.answer(this.name);
  }

  private async read(
    request: Sent,
    reader: AnswerReader,
    watch: LifeWatch,
    call: ModelCall,
    model: string,
  ): Promise<void> {
    const chunks = await this.open(request, model, watch.signal);
    let alive = false;
    try {
      // By hand: a generator or a function around each chunk costs as much as all the rest.
      for (;;) {
        let result: IteratorResult<ChatCompletionChunk>;
        try {
          result = await chunks.next();
        } catch (error) {
          if (reader.finished) return;
          throw classifyError(error);
        }
        if (result.done) return;
        const finishedBefore = reader.finished;
        const piece = reader.take(result.value);
        if (piece.alive && !finishedBefore) reader.finished ? watch.finishing() : watch.alive();
        if (piece.alive && !alive) call.onAlive?.();
        alive ||= piece.alive;
        if (piece.text !== '') call.onText(piece.text);
      }
    } finally {
      // Closes the connection when the stream is left before its end.
      await chunks.return?.();
    }
  }

  private async open(request: Sent, model: string, signal: AbortSignal): Promise<AsyncIterator<ChatCompletionChunk>> {
    try {
      const headers = { 'X-Correlation-Id': request.correlationId };
      const options = { signal, headers, ...inTrace(request.traceParent) };
      const stream = await this.client.chat.completions.create(parameters(request, model), options);
      return stream[Symbol.asyncIterator]();
    } catch (error) {
      throw classifyError(error);
    }
  }

  private modelOf(request: ModelRequest): string {
    const { model, largeModel, ignoresStepModel } = this.options;
    if (request.large && largeModel !== '') return largeModel;
    return (ignoresStepModel ? model || request.model : request.model || model) ?? '';
  }
}

function parameters(request: ModelRequest, model: string): ChatCompletionCreateParamsStreaming {
  return {
    model,
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
