import { NO_SPAN, type TraceSpan } from '../../../../shared/observability/tracing/spans.ts';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest } from '../provider.ts';
import type { EndpointOptions } from './openai-client.ts';

interface Asked extends EndpointOptions {
  /** Of the provider. */
  name: string;
  model: string;
  request: ModelRequest;
}

/**
 * A model call as a span, named and described as OpenTelemetry's conventions for generative AI want it. Neither prompt nor answer is in it.
 * The HTTP request inside is a span of its own and carries the trace to the provider.
 */
export function inModelSpan(asked: Asked, work: (span: TraceSpan) => Promise<ModelAnswer>): Promise<ModelAnswer> {
  const { name, model, request, apiVersion, baseUrl } = asked;
  const { maxTokens, temperature } = request;
  const { hostname, port } = new URL(baseUrl);
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': apiVersion === '' ? 'openai' : 'azure.ai.openai',
    'gen_ai.request.model': model,
    ...(maxTokens === undefined ? {} : { 'gen_ai.request.max_tokens': maxTokens }),
    ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
    'server.address': hostname,
    ...(port === '' ? {} : { 'server.port': Number(port) }),
    'weir.provider': name,
  };
  const isFailure = (error: unknown) => error instanceof ModelFailure;
  return (request.span ?? NO_SPAN).child(`chat ${model}`, { kind: 'client', attributes, isFailure }, async (span) => {
    try {
      return described(span, await work(span));
    } catch (error) {
      if (error instanceof ModelFailure) span.set('error.type', error.kind);
      throw error;
    }
  });
}

function described(span: TraceSpan, answer: ModelAnswer): ModelAnswer {
  span.set('gen_ai.response.model', answer.model);
  span.set('gen_ai.response.finish_reasons', [answer.finishReason]);
  if (answer.usage !== null) {
    span.set('gen_ai.usage.input_tokens', answer.usage.inputTokens);
    span.set('gen_ai.usage.output_tokens', answer.usage.outputTokens);
  }
  return answer;
}
