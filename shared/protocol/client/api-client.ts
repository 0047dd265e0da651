import type { z } from 'zod';
import type { WorkflowDefinition } from '../../workflow/definition.ts';
import type { RunStatus } from '../../workflow/run-state.ts';
import type {
  CapacityAnswer,
  capacityPatchSchema,
  ProvidersAnswer,
  providersPatchSchema,
  QueueAnswer,
  RunAnswer,
  RunPage,
  SystemStatus,
  TriggerAnswer,
  TriggerBody,
  ticketAnswerSchema,
  WorkflowAnswer,
  workflowPageSchema,
} from '../http.ts';
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

export type WorkflowPage = z.infer<typeof workflowPageSchema>;
export type CapacityPatch = z.infer<typeof capacityPatchSchema>;
export type ProvidersPatch = z.infer<typeof providersPatchSchema>;
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;

const DEFAULT_TIMEOUT_MS = 10_000;

interface Call extends Pick<HttpRequest, 'method' | 'body'> {
  path: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  /** Repeating it does no harm. */
  safe: boolean;
}

/**
 * The HTTP API, typed by the schemas that the server validates with. Every call rejects with `ApiProblem` (the server said
 * no), `ApiUnreachable` (no answer) or the reason of the caller's signal. Answers are trusted, not validated: the server
 * may add fields, and this file stays free of a validator in the browser.
 */
export class ApiClient {
  private readonly origin: string;

  constructor(private readonly options: ApiClientOptions) {
    this.origin = options.baseUrl.replace(/\/+$/, '');
  }

  createWorkflow(definition: WorkflowDefinition, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.call({ method: 'POST', path: '/api/v1/workflows', body: definition, safe: false }, options);
  }

  getWorkflow(id: string, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.get(`/api/v1/workflows/${encodeURIComponent(id)}`, {}, options);
  }

  listWorkflows(options: PageOptions = {}): Promise<WorkflowPage> {
    return this.get('/api/v1/workflows', { limit: options.limit, cursor: options.cursor }, options);
  }

  /**
   * Starts a run. It is sent with an `Idempotency-Key`, the caller's or a fresh one, so a repeat after a lost answer finds
   * the same run instead of starting another.
   */
  trigger(body: TriggerBody, options: CallOptions & { idempotencyKey?: string } = {}): Promise<TriggerAnswer> {
    const headers = { 'Idempotency-Key': options.idempotencyKey ?? crypto.randomUUID() };
    return this.call({ method: 'POST', path: '/api/v1/trigger', body, headers, safe: true }, options);
  }

  getRun(id: string, options?: CallOptions): Promise<RunAnswer> {
    return this.get(`/api/v1/runs/${encodeURIComponent(id)}`, {}, options);
  }

  listRuns(options: PageOptions & { status?: RunStatus } = {}): Promise<RunPage> {
    const { limit, cursor, status } = options;
    return this.get('/api/v1/runs', { limit, cursor, status }, options);
  }

  cancel(runId: string, options?: CallOptions): Promise<RunAnswer> {
    const path = `/api/v1/runs/${encodeURIComponent(runId)}/cancel`;
    return this.call({ method: 'POST', path, safe: false }, options);
  }

  retry(runId: string, options?: CallOptions): Promise<TriggerAnswer> {
    const path = `/api/v1/runs/${encodeURIComponent(runId)}/retry`;
    return this.call({ method: 'POST', path, safe: false }, options);
  }

  queue(options: PageOptions = {}): Promise<QueueAnswer> {
    return this.get('/api/v1/queue', { limit: options.limit, cursor: options.cursor }, options);
  }

  status(options?: CallOptions): Promise<SystemStatus> {
    return this.get('/api/v1/system/status', {}, options);
  }

  capacity(options?: CallOptions): Promise<CapacityAnswer> {
    return this.get('/api/v1/admin/capacity', {}, options);
  }

  patchCapacity(patch: CapacityPatch, options?: CallOptions): Promise<CapacityAnswer> {
    return this.call({ method: 'PATCH', path: '/api/v1/admin/capacity', body: patch, safe: false }, options);
  }

  providers(options?: CallOptions): Promise<ProvidersAnswer> {
    return this.get('/api/v1/admin/providers', {}, options);
  }

  patchProviders(patch: ProvidersPatch, options?: CallOptions): Promise<ProvidersAnswer> {
    return this.call({ method: 'PATCH', path: '/api/v1/admin/providers', body: patch, safe: true }, options);
  }

  /** A single-use ticket for one WebSocket; a ticket nobody uses is worth nothing after seconds, so a repeat is safe. */
  ticket(options?: CallOptions): Promise<TicketAnswer> {
    return this.call({ method: 'POST', path: '/api/v1/ws-ticket', safe: true }, options);
  }

  private get<T>(path: string, query: Call['query'], options?: CallOptions): Promise<T> {
    return this.call({ method: 'GET', path, ...(query === undefined ? {} : { query }), safe: true }, options);
  }

  private call<T>(call: Call, options: CallOptions = {}): Promise<T> {
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
