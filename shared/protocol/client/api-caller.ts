import { type HttpRequest, requestJson } from './request.ts';
import { withRetries } from './with-retries.ts';

export interface ApiClientOptions {
  /** Origin of the cluster, such as `http://127.0.0.1:8080`. */
  baseUrl: string;
  /** Asked before every request, so that a renewed token is used at once; null: not signed in. */
  token?: () => string | null | Promise<string | null>;
  fetch?: typeof fetch;
  /** Milliseconds for one request (default 10 s). */
  timeoutMs?: number;
  random?: () => number;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface PageOptions extends CallOptions {
  limit?: number;
  cursor?: string;
}

export type Query = Record<string, string | number | undefined>;

const DEFAULT_TIMEOUT_MS = 10_000;

interface Call extends Pick<HttpRequest, 'method' | 'body'> {
  path: string;
  query?: Query;
  headers?: Record<string, string>;
  /** Repeating it does no harm. */
  safe: boolean;
}

/** One request to the API: address, token, time limit, and repeats of what is safe to repeat. Rejects as `ApiClient` says. */
export class ApiCaller {
  private readonly origin: string;

  constructor(private readonly options: ApiClientOptions) {
    this.origin = options.baseUrl.replace(/\/+$/, '');
  }

  get<T>(path: string, query: Query = {}, options?: CallOptions): Promise<T> {
    return this.call({ method: 'GET', path, query, safe: true }, options);
  }

  call<T>(call: Call, options: CallOptions = {}): Promise<T> {
    const url = new URL(this.origin + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const attempt = async (): Promise<T> => {
      const token = (await this.options.token?.()) ?? null;
      const request: HttpRequest = {
        method: call.method,
        url: url.href,
        headers: { ...call.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
        body: call.body,
        timeoutMs: this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal: options.signal,
      };
      return (await requestJson(request, this.options.fetch ?? fetch)) as T;
    };
    return call.safe ? withRetries(attempt, { signal: options.signal, random: this.options.random }) : attempt();
  }
}
