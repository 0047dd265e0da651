import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from '../../errors/problem.ts';
import { ApiProblem } from './api-problem.ts';
import { ApiUnreachable } from './api-unreachable.ts';
import { retryAfterSeconds } from './retry-after.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  /** Sent as JSON; undefined: no body. */
  body?: unknown;
  /** Milliseconds for the whole exchange. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * One request and its JSON answer. Rejects with {@link ApiProblem} for every status that is not a success, with
 * {@link ApiUnreachable} when there was no answer, and with the caller's own reason when `signal` aborted.
 */
export async function requestJson(request: HttpRequest, fetcher: typeof fetch): Promise<unknown> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetcher(request.url, {
      method: request.method,
      headers: {
        Accept: `application/json, ${PROBLEM_MEDIA_TYPE}`,
        ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]),
    });
    const text = await response.text();
    if (!response.ok) throw toApiProblem(response, text);
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof ApiProblem) throw error;
    throw new ApiUnreachable(`No answer from ${new URL(request.url).origin}.`, { cause: error });
  }
}

/** Not everything on the way speaks problem+json: a proxy answers HTML. Such an answer becomes a problem by its status. */
function toApiProblem(response: Response, text: string): ApiProblem {
  const wait = retryAfterSeconds(response.headers.get('retry-after'));
  const sent = response.headers.get('content-type')?.startsWith(PROBLEM_MEDIA_TYPE) ? parse(text) : null;
  return new ApiProblem(
    sent ?? {
      type: 'about:blank',
      title: response.statusText,
      status: response.status,
      detail: `The server answered ${response.status}.`,
      code: response.status === 401 ? 'unauthenticated' : 'internal',
      correlation_id: response.headers.get('x-correlation-id') ?? '',
    },
    wait ?? sent?.retry_after_seconds ?? null,
  );
}

function parse(text: string): ProblemDocument | null {
  try {
    const value = JSON.parse(text) as Partial<ProblemDocument> | null;
    return typeof value?.code === 'string' && typeof value.status === 'number' ? (value as ProblemDocument) : null;
  } catch {
    return null;
  }
}
