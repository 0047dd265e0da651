import OpenAI from 'openai';
import { ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import { readRetryAfter } from './retry-after.ts';

/** Longest wait that a 429 may ask for and still be waited for on the same provider (ms). */
export const MAX_THROTTLE_MS = 10_000;
/** Longest part of a provider's message shown to the run's owner (characters). */
const MAX_DETAIL_LENGTH = 300;

/** What the failure is about, by `code`, `type` or Azure's inner code. Sources: OpenAI, Azure, Anthropic, GitHub Models, llama.cpp. */
const FILTERED = ['content_filter', 'content_policy_violation', 'responsibleaipolicyviolation'];
const TOO_LONG = ['context_length_exceeded', 'exceed_context_size_error', 'request_too_large', 'tokens_limit_reached'];
const NOT_PAID = ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'billing_error'];
const RATE_LIMITED = ['rate_limit_exceeded', 'rate_limit_error', 'rate_limit', 'too_many_requests'];
const NOT_ALLOWED = ['invalid_api_key', 'authentication_error', 'permission_error'];

/** A prompt that is too long, where no code says so: OpenAI and vLLM, LM Studio, llama.cpp, Anthropic, Bedrock, Gemini, xAI. */
const TOO_LONG_TEXT =
  /maximum (context|prompt) length|context (window|limit)|context (length|size)|(prompt|input) is too long|exceeds the maximum number of tokens|reduce the length of the (messages|prompt|input)/i;

/** The request's author reads what the provider said about it. */
const WITH_DETAIL: readonly ModelFailureKind[] = ['rejected', 'content_filtered', 'context_too_long'];

/** The failure behind whatever the SDK or fetch threw while it asked or read the stream. */
export function classifyError(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error;
  if (error instanceof OpenAI.APIConnectionError) return new ModelFailure('unreachable', { cause: error });
  if (error instanceof OpenAI.APIError) return classifyAnswer(error);
  if (error instanceof SyntaxError) return new ModelFailure('malformed', { cause: error });
  // fetch: "terminated" and the like, when the connection breaks in mid-stream.
  return new ModelFailure('truncated', { cause: error });
}

function classifyAnswer(error: InstanceType<typeof OpenAI.APIError>): ModelFailure {
  // The SDK types these as `any`. Without a status the error came in the stream.
  const status: unknown = error.status;
  const body = record(error.error);
  if (typeof status !== 'number') return failure(kindInStream(body, error.message), error);
  const retryAfterMs = readRetryAfter(error.headers);
  return failure(kindOfStatus(status, body, error.message, retryAfterMs), error, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function failure(kind: ModelFailureKind, error: Error, rest: { status?: number; retryAfterMs?: number } = {}) {
  const detail = WITH_DETAIL.includes(kind) ? { detail: error.message.slice(0, MAX_DETAIL_LENGTH) } : {};
  return new ModelFailure(kind, { cause: error, ...rest, ...detail });
}

function kindOfStatus(
  status: number,
  body: Record<string, unknown>,
  message: string,
  retryAfterMs: number | undefined,
): ModelFailureKind {
  const codes = codesOf(body);
  if (isFiltered(codes, body)) return 'content_filtered';
  if (status === 402 || has(codes, NOT_PAID)) return 'unauthorized';
  if (status === 429)
    return retryAfterMs !== undefined && retryAfterMs <= MAX_THROTTLE_MS ? 'throttled' : 'rate_limited';
  // OpenAI answers 403 for a model that the step names and the account may not use: no reason to open the breaker for everybody.
  if (codes.includes('model_not_found')) return 'rejected';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 408 || status === 409 || status === 425 || status >= 500 || status < 400) return 'server_error';
  return status === 413 || has(codes, TOO_LONG) || TOO_LONG_TEXT.test(message) ? 'context_too_long' : 'rejected';
}

/** `data: {"error": {…}}` after a 200: what the provider found out too late for a status. */
function kindInStream(body: Record<string, unknown>, message: string): ModelFailureKind {
  const codes = codesOf(body);
  if (isFiltered(codes, body)) return 'content_filtered';
  if (has(codes, TOO_LONG) || TOO_LONG_TEXT.test(message)) return 'context_too_long';
  if (has(codes, [...NOT_PAID, ...NOT_ALLOWED, '401', '402', '403'])) return 'unauthorized';
  return has(codes, [...RATE_LIMITED, '429']) ? 'rate_limited' : 'server_error';
}

function codesOf(body: Record<string, unknown>): string[] {
  const inner = record(body.innererror);
  return [body.code, body.type, inner.code]
    .filter((code) => typeof code === 'string' || typeof code === 'number')
    .map((code) => String(code).toLowerCase());
}

/** OpenRouter refuses content with a 403 that carries the reasons, and a 403 without them would open the breaker. */
function isFiltered(codes: readonly string[], body: Record<string, unknown>): boolean {
  const metadata = record(body.metadata);
  return has(codes, FILTERED) || 'flagged_input' in metadata;
}

const has = (codes: readonly string[], known: readonly string[]) => codes.some((code) => known.includes(code));

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
