import OpenAI from 'openai';
import { ModelFailure, type ModelFailureKind } from '../model-failure.ts';

/** Longest part of a provider's message shown to the run's owner (characters). */
const MAX_DETAIL_LENGTH = 300;

/** The failure behind whatever the SDK or fetch threw. */
export function classifyError(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error;
  if (error instanceof OpenAI.APIConnectionError) return new ModelFailure('unreachable', { cause: error });
  if (error instanceof OpenAI.APIError) return classifyAnswer(error);
  if (error instanceof SyntaxError) return new ModelFailure('malformed', { cause: error });
  // fetch: "terminated" and the like, when the connection breaks in mid-stream.
  return new ModelFailure('truncated', { cause: error });
}

function classifyAnswer(error: InstanceType<typeof OpenAI.APIError>): ModelFailure {
  // The SDK types these as `any`.
  const status: unknown = error.status;
  if (typeof status !== 'number') return new ModelFailure('server_error', { cause: error });
  const kind = kindOfAnswer(status, error.code);
  const retryAfterMs = retryAfter(error.headers);
  return new ModelFailure(kind, {
    cause: error,
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(kind === 'rejected' || kind === 'content_filtered'
      ? { detail: error.message.slice(0, MAX_DETAIL_LENGTH) }
      : {}),
  });
}

function kindOfAnswer(status: number, code: string | null | undefined): ModelFailureKind {
  if (code === 'content_filter' || code === 'content_policy_violation') return 'content_filtered';
  // A spent budget does not come back by waiting a second.
  if (status === 429) return code === 'insufficient_quota' ? 'unauthorized' : 'rate_limited';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 408) return 'server_error';
  return status >= 500 ? 'server_error' : 'rejected';
}

/** `retry-after-ms` or `Retry-After` in seconds or as a date. */
function retryAfter(headers: Headers | undefined): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers?.get('retry-after');
  if (text === undefined || text === null || text === '') return undefined;
  const seconds = Number(text);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}
