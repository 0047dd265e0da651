import type { z } from 'zod';
import type { WorkflowDefinition } from '../../workflow/definition.ts';
import type { Priority } from '../../workflow/priority.ts';
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
  TicketAnswer,
  TriggerAnswer,
  TriggerBody,
  WorkflowAnswer,
  WorkflowPage,
} from '../http.ts';
import { ApiCaller, type ApiClientOptions, type CallOptions, type PageOptions } from './api-caller.ts';
import { ChatApi } from './chat-api.ts';
import { OperationsApi } from './operations-api.ts';

export type { ApiClientOptions, CallOptions, PageOptions };

export type CapacityPatch = z.infer<typeof capacityPatchSchema>;
export type ProvidersPatch = z.infer<typeof providersPatchSchema>;

/**
 * The HTTP API, typed by the schemas that the server validates with. Every call rejects with `ApiProblem` (the server said
 * no), `ApiUnreachable` (no answer) or the reason of the caller's signal. Answers are trusted, not validated: the server
 * may add fields, and this file stays free of a validator in the browser.
 */
export class ApiClient {
  readonly chats: ChatApi;
  readonly operations: OperationsApi;
  private readonly api: ApiCaller;

  constructor(options: ApiClientOptions) {
    this.api = new ApiCaller(options);
    this.chats = new ChatApi(this.api);
    this.operations = new OperationsApi(this.api);
  }

  createWorkflow(definition: WorkflowDefinition, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.api.call({ method: 'POST', path: '/api/v1/workflows', body: definition, safe: false }, options);
  }

  getWorkflow(id: string, options?: CallOptions): Promise<WorkflowAnswer> {
    return this.api.get(`/api/v1/workflows/${encodeURIComponent(id)}`, {}, options);
  }

  listWorkflows(options: PageOptions = {}): Promise<WorkflowPage> {
    return this.api.get('/api/v1/workflows', { limit: options.limit, cursor: options.cursor }, options);
  }

  /**
   * Starts a run. It is sent with an `Idempotency-Key`, the caller's or a fresh one, so a repeat after a lost answer finds
   * the same run instead of starting another.
   */
  trigger(body: TriggerBody, options: CallOptions & { idempotencyKey?: string } = {}): Promise<TriggerAnswer> {
    const headers = { 'Idempotency-Key': options.idempotencyKey ?? crypto.randomUUID() };
    return this.api.call({ method: 'POST', path: '/api/v1/trigger', body, headers, safe: true }, options);
  }

  getRun(id: string, options?: CallOptions): Promise<RunAnswer> {
    return this.api.get(`/api/v1/runs/${encodeURIComponent(id)}`, {}, options);
  }

  listRuns(options: PageOptions & { status?: RunStatus } = {}): Promise<RunPage> {
    const { limit, cursor, status } = options;
    return this.api.get('/api/v1/runs', { limit, cursor, status }, options);
  }

  cancel(runId: string, options?: CallOptions): Promise<RunAnswer> {
    const path = `/api/v1/runs/${encodeURIComponent(runId)}/cancel`;
    return this.api.call({ method: 'POST', path, safe: false }, options);
  }

  retry(runId: string, options?: CallOptions): Promise<TriggerAnswer> {
    const path = `/api/v1/runs/${encodeURIComponent(runId)}/retry`;
    return this.api.call({ method: 'POST', path, safe: false }, options);
  }

  /** Administrators only, and only while it waits. */
  setPriority(runId: string, priority: Priority, options?: CallOptions): Promise<RunAnswer> {
    const path = `/api/v1/runs/${encodeURIComponent(runId)}`;
    return this.api.call({ method: 'PATCH', path, body: { priority }, safe: true }, options);
  }

  queue(options: PageOptions = {}): Promise<QueueAnswer> {
    return this.api.get('/api/v1/queue', { limit: options.limit, cursor: options.cursor }, options);
  }

  status(options?: CallOptions): Promise<SystemStatus> {
    return this.api.get('/api/v1/system/status', {}, options);
  }

  capacity(options?: CallOptions): Promise<CapacityAnswer> {
    return this.api.get('/api/v1/admin/capacity', {}, options);
  }

  patchCapacity(patch: CapacityPatch, options?: CallOptions): Promise<CapacityAnswer> {
    return this.api.call({ method: 'PATCH', path: '/api/v1/admin/capacity', body: patch, safe: false }, options);
  }

  providers(options?: CallOptions): Promise<ProvidersAnswer> {
    return this.api.get('/api/v1/admin/providers', {}, options);
  }

  patchProviders(patch: ProvidersPatch, options?: CallOptions): Promise<ProvidersAnswer> {
    return this.api.call({ method: 'PATCH', path: '/api/v1/admin/providers', body: patch, safe: true }, options);
  }

  /** A single-use ticket for one WebSocket; a ticket nobody uses is worth nothing after seconds, so a repeat is safe. */
  ticket(options?: CallOptions): Promise<TicketAnswer> {
    return this.api.call({ method: 'POST', path: '/api/v1/ws-ticket', safe: true }, options);
  }
}
