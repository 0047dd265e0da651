import { NO_SPAN, type TraceSpan } from '../../../../shared/observability/tracing/spans.ts';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest } from '../provider.ts';
import type { EndpointOptions } from './openai-client.ts';

interface Asked {
  model: string;
  request: ModelRequest;
}

/** Makes the spans of one provider's calls; `name`: of the provider. */
export class ModelSpans {
  private readonly address: string;
  private readonly port: number | undefined;
  private readonly kind: string;

  constructor(private readonly provider: Pick<EndpointOptions, 'baseUrl' | 'apiVersion'> & { name: string }) {
    const { hostname, port } = new URL(provider.baseUrl);
    this.address = hostname;
    this.port = port === '' ? undefined : Number(port);
    this.kind = provider.apiVersion === '' ? 'openai' : 'azure.ai.openai';
  }

  /**
   * A model call as a span, named and described as OpenTelemetry's conventions for generative AI want it. Neither prompt nor answer is in it.
   * The HTTP request inside is a span of its own and carries the trace to the provider.
   */
  async inside({ model, request }: Asked, work: (span: TraceSpan) => Promise<ModelAnswer>): Promise<ModelAnswer> {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': this.kind,
      'gen_ai.request.model': model,
      'gen_ai.request.max_tokens': request.maxTokens,
      'gen_ai.request.temperature': request.temperature,
      'server.address': this.address,
      'server.port': this.port,
      'weir.provider': this.provider.name,
    };
    const span = (request.span ?? NO_SPAN).begin(`chat ${model}`, { kind: 'client', attributes });
    try {
      const answer = await work(span);
      span.set(described(answer));
      return answer;
    } catch (error) {
      if (error instanceof ModelFailure) {
        span.set({ 'error.type': error.kind });
        span.fail(error);
      }
      throw error;
    } finally {
      span.end();
    }
  }
}

function described({ model, finishReason, usage }: ModelAnswer) {
  return {
    'gen_ai.response.model': model,
    'gen_ai.response.finish_reasons': [finishReason],
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
  };
}
