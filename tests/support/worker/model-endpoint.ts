import { expect } from 'chai';
import { OpenAiProvider, type OpenAiProviderOptions } from '../../../services/worker/llm/endpoint/openai-provider.ts';
import { ModelFailure } from '../../../services/worker/llm/model-failure.ts';
import type { ModelRequest } from '../../../services/worker/llm/provider.ts';
import type { Answer } from './scripted-server.ts';

/** The least that can be asked. */
export const REQUEST: ModelRequest = { prompt: 'Say hello', correlationId: 'c-1' };

/** A plain endpoint at `url` with time limits that no test reaches by chance. */
export function provider(url: string, options: Partial<OpenAiProviderOptions> = {}): OpenAiProvider {
  return new OpenAiProvider({
    name: 'primary',
    baseUrl: `${url}/v1`,
    apiKey: 'key',
    apiVersion: '',
    model: 'sim-1',
    largeModel: '',
    ignoresStepModel: false,
    firstContentMs: 5_000,
    stallMs: 5_000,
    ...options,
  });
}

/** A call under way: what it sent, how often it came alive, and how it ended. */
export function ask(from: OpenAiProvider, request: Partial<ModelRequest> = {}, signal = new AbortController().signal) {
  const call = { sent: [] as string[], alive: 0 };
  const ended = from.complete(
    { ...REQUEST, ...request },
    { signal, onText: (text) => call.sent.push(text), onAlive: () => (call.alive += 1) },
  );
  return {
    call,
    ended,
    failed: ended.then(
      () => 'an answer',
      (error: unknown) => error,
    ),
  };
}

export async function failure(promise: Promise<unknown>): Promise<ModelFailure> {
  const error = await promise;
  expect(error).to.be.instanceOf(ModelFailure);
  return error as ModelFailure;
}

/** A chunk of a stream, as it travels. */
export const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
/** Begins a stream; `write` and `end` go on. */
export const open = (response: Parameters<Answer>[0]) =>
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
/** A stream of these parts that then ends. */
export const stream =
  (...parts: string[]): Answer =>
  (response) =>
    open(response).end(parts.join(''));
export const whole = stream(chunk({ content: 'all ' }), chunk({ content: 'well' }, 'stop'), 'data: [DONE]\n\n');
