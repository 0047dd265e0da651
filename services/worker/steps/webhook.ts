import type { LookupAddress } from 'node:dns';
import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import { fullJitter } from '../../../shared/resilience/backoff.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { renderJson } from '../../../shared/workflow/template.ts';
import { untilAborted } from '../until-aborted.ts';
import type { HostRules } from '../webhook/host-rules.ts';
import type { PinnedRequest, WebhookAnswer } from '../webhook/pinned-request.ts';
import { type Resolve, resolveHost } from '../webhook/resolve-host.ts';
import { webhookHeaders } from '../webhook/webhook-headers.ts';
import { webhookOutput } from '../webhook/webhook-output.ts';
import { sendTraced } from '../webhook/webhook-span.ts';
import { webhookUrl } from '../webhook/webhook-url.ts';
import { Deadline } from './deadline.ts';
import type { StepContext, StepExecutor, StepResult } from './step-executor.ts';
import { StepFailure } from './step-failure.ts';

type WebhookStep = Extract<Step, { type: 'webhook' }>;

/** The step's time, all tries together, when it names none (s). */
const DEFAULT_TIMEOUT_SECONDS = 10;
const MAX_TRIES = 3;
const PAUSE_BASE_MS = 300;
const PAUSE_CAP_MS = 3_000;

export interface WebhookDeps {
  hosts: HostRules;
  /** Name resolution, for tests. */
  resolve?: Resolve;
  random?: () => number;
}

/** Calls a host on the operator's list; output: status, some headers and the body. Whether it may be called is decided before anything is sent. */
export class WebhookExecutor implements StepExecutor<WebhookStep> {
  constructor(private readonly deps: WebhookDeps) {}

  async execute(step: WebhookStep, context: StepContext): Promise<StepResult> {
    const seconds = step.config.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS;
    const deadline = new Deadline(seconds * 1_000, context.signal);
    try {
      const request = webhookRequest(step, context);
      const addresses = await untilAborted(this.checkedAddresses(request.url), deadline.signal);
      return { output: webhookOutput(await this.send({ ...request, addresses }, deadline, context)) };
    } catch (error) {
      if (deadline.expired)
        throw new StepFailure('webhook_timeout', `The host did not answer within ${seconds} s.`, { cause: error });
      throw error;
    } finally {
      deadline.clear();
    }
  }

  private async checkedAddresses(url: URL): Promise<LookupAddress[]> {
    const verdict = this.deps.hosts.judge(url.hostname);
    if (verdict === 'refused')
      throw new StepFailure(
        'webhook_refused',
        `The host "${url.hostname}" is not on the list of hosts that webhooks may call.`,
      );
    return resolveHost(url.hostname, verdict === 'private_allowed', this.deps.resolve);
  }

  /** Repeats what may pass: no answer and 5xx. Safe for every method, because each try carries the same idempotency key. */
  private async send(request: PinnedRequest, deadline: Deadline, context: StepContext): Promise<WebhookAnswer> {
    for (let tries = 1; ; tries++) {
      const outcome = await sendTraced(context.span, request, deadline.signal).catch((error: unknown) => ({ error }));
      deadline.signal.throwIfAborted();
      if ('error' in outcome && outcome.error instanceof StepFailure) throw outcome.error;
      if (!('error' in outcome) && outcome.status < 500) return outcome;
      const pauseMs = fullJitter(tries - 1, PAUSE_BASE_MS, PAUSE_CAP_MS, this.deps.random);
      if (tries >= MAX_TRIES || pauseMs >= deadline.remainingMs()) return settle(outcome);
      context.log.warn('webhook failed, trying again', {
        host: request.url.host,
        tries,
        ...('error' in outcome ? outcome : { status: outcome.status }),
      });
      await abortableDelay(pauseMs, deadline.signal);
      deadline.signal.throwIfAborted();
    }
  }
}

function settle(outcome: WebhookAnswer | { error: unknown }): WebhookAnswer {
  if ('error' in outcome)
    throw new StepFailure('webhook_unreachable', 'The host could not be reached.', { cause: outcome.error });
  return outcome;
}

function webhookRequest(
  { name, config }: WebhookStep,
  { runId, correlationId, scope }: StepContext,
): Omit<PinnedRequest, 'addresses'> {
  const own = webhookHeaders(config.headers ?? {}, scope);
  const body = config.body === undefined ? undefined : renderJson(config.body, scope);
  const headers = {
    accept: 'application/json, */*;q=0.5',
    'user-agent': 'Weir',
    'x-correlation-id': correlationId,
    'idempotency-key': `${runId}:${name}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...own,
  };
  return {
    url: webhookUrl(config.url, scope),
    method: config.method ?? 'POST',
    headers,
    body: serialise(body, own['content-type']),
  };
}

/** A text with a content type of its own goes out as it is; everything else as JSON. */
function serialise(body: unknown, contentType: string | undefined): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' && contentType !== undefined && !/json/i.test(contentType)
    ? body
    : JSON.stringify(body);
}
