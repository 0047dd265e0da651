import type { Exchange } from '../exchange.ts';
import { ok } from './healthy.ts';

/** An error as the OpenAI API words it. */
function refuse(
  exchange: Exchange,
  status: number,
  error: { message: string; type: string; code?: string },
  extra: { headers?: Record<string, string>; body?: object } = {},
): void {
  exchange.sendJson(status, { error: { param: null, code: null, ...error }, ...extra.body }, extra.headers);
}

const OVERLOADED = { message: 'The server is overloaded or not ready yet.', type: 'server_error' };
const TOO_MANY = { message: 'Rate limit reached for requests.', type: 'requests', code: 'rate_limit_exceeded' };

/** 429 with Retry-After to the first request after the mode was set, then healthy. */
export async function rateLimitedOnce(exchange: Exchange): Promise<void> {
  if (exchange.nth > 1) return ok(exchange);
  refuse(exchange, 429, TOO_MANY, { headers: { 'Retry-After': String(exchange.settings.retry_after_seconds) } });
}

/** 429 without Retry-After, always. */
export async function rateLimited(exchange: Exchange): Promise<void> {
  refuse(exchange, 429, TOO_MANY);
}

/** One 500, then healthy. */
export async function errorOnce(exchange: Exchange): Promise<void> {
  if (exchange.nth > 1) return ok(exchange);
  refuse(exchange, 500, { message: 'The server had an error while processing your request.', type: 'server_error' });
}

/** 503, always. */
export async function unavailable(exchange: Exchange): Promise<void> {
  refuse(exchange, 503, OVERLOADED);
}

/** 503 that names a usage nobody should account for. */
export async function unavailableBilled(exchange: Exchange): Promise<void> {
  const usage = { prompt_tokens: 1_000, completion_tokens: 1_000, total_tokens: 2_000 };
  refuse(exchange, 503, OVERLOADED, { body: { usage } });
}

/** 503 until `outage_ms` after the mode was set, then healthy. */
export async function outage(exchange: Exchange): Promise<void> {
  if (exchange.modeAgeMs >= exchange.settings.outage_ms) return ok(exchange);
  refuse(exchange, 503, OVERLOADED);
}

/** 401, always. */
export async function unauthorized(exchange: Exchange): Promise<void> {
  refuse(exchange, 401, {
    message: 'Incorrect API key provided.',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  });
}

/** 400: the prompt is too long, for every model without "large" in its name. */
export async function contextLength(exchange: Exchange): Promise<void> {
  if (exchange.request.model.includes('large')) return ok(exchange);
  refuse(exchange, 400, {
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
  });
}

/** 400: the prompt is refused for its content. */
export async function contentFilter(exchange: Exchange): Promise<void> {
  refuse(exchange, 400, {
    message: "The response was filtered due to the prompt triggering the provider's content management policy.",
    type: 'invalid_request_error',
    code: 'content_filter',
  });
}

/** 400 to a conversation that ends with a message of the assistant, which some would use to go on in mid-answer; otherwise healthy. */
export async function noPrefill(exchange: Exchange): Promise<void> {
  if (exchange.request.messages.at(-1)?.role !== 'assistant') return ok(exchange);
  refuse(exchange, 400, {
    message: 'This model does not support assistant message prefill. The conversation must end with a user message.',
    type: 'invalid_request_error',
  });
}
