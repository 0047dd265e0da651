import OpenAI, { AzureOpenAI } from 'openai';
import { fetchInTrace } from '../../../../shared/observability/tracing/fetch-in-trace.ts';

/** Beyond every step's deadline, which is what really ends a call (ms). */
const SDK_TIMEOUT_MS = 700_000;

export interface EndpointOptions {
  /** With `/v1`; for Azure OpenAI the endpoint of the resource. */
  baseUrl: string;
  /** '': none, as local servers need none. */
  apiKey: string;
  /** '': OpenAI-compatible. Set: Azure OpenAI, where a model is the name of a deployment. */
  apiVersion: string;
}

/** The SDK's client, told everything explicitly: what is left out it takes from the environment. */
export function openAiClient({ baseUrl, apiKey, apiVersion }: EndpointOptions): OpenAI {
  const common = {
    apiKey: apiKey || 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    // It would print prompts.
    logLevel: 'off',
    // Our policy decides what is tried again.
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    fetch: fetchTraced,
  } as const;
  if (apiVersion === '') return new PlainClient({ ...common, baseURL: baseUrl });
  return new AzureOpenAI({ ...common, baseURL: null, endpoint: baseUrl, apiVersion });
}

/** For one request of the client: the trace it belongs to. */
export function inTrace(traceParent: string | null): { fetchOptions?: object } {
  return traceParent === null ? {} : { fetchOptions: { traceParent } };
}

/** The SDK hands on what it does not know of `fetchOptions`. */
function fetchTraced(
  url: string | URL | Request,
  init: RequestInit & { traceParent?: string } = {},
): Promise<Response> {
  return fetchInTrace(init.traceParent ?? null, () => fetch(url, init));
}

class PlainClient extends OpenAI {
  /** The SDK only knows `{error: {…}}`; some servers send the error itself (vLLM), others a list of one (Gemini): its text would be lost. */
  protected override makeStatusError(
    ...[status, body, message, headers]: Parameters<OpenAI['makeStatusError']>
  ): ReturnType<OpenAI['makeStatusError']> {
    const first: unknown = Array.isArray(body) ? body[0] : body;
    const wrapped = typeof first === 'object' && first !== null && !('error' in first) ? { error: first } : first;
    return super.makeStatusError(status, (wrapped ?? {}) as object, message, headers);
  }
}
