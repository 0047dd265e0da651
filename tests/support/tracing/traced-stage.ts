import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterReplica } from '../../../services/local/local-cluster.ts';
import type { RunAnswer, TriggerAnswer } from '../../../shared/protocol/http.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { isFinal } from '../../../shared/workflow/run-state.ts';
import type { Person } from '../cluster/person.ts';
import { Stage } from '../cluster/stage.ts';
import { until } from '../until.ts';
import { type ScriptedServer, scriptedServer } from '../worker/scripted-server.ts';
import { TraceReceiver } from './trace-receiver.ts';

/** Span of the caller, outside the cluster, to which each request belongs. */
export const CALLER = 'a1b2c3d4e5f60718';

/** Replica 1 answers people, replicas 2 and 3 work: no run is executed where it was started. */
const rolesOf = (replica: string) => ({ ROLES: replica === 'replica-1' ? 'api' : 'api,worker,dispatcher' });

/** A cluster with two slots whose replicas export to a receiver, a host for webhooks, and ada, who starts runs at replica 1 within a trace of hers. */
export class TracedStage {
  private constructor(
    readonly stage: Stage,
    readonly receiver: TraceReceiver,
    readonly hooks: ScriptedServer,
  ) {}

  static async open(): Promise<TracedStage> {
    const receiver = await TraceReceiver.start();
    const hooks = await scriptedServer();
    const stage = await Stage.open({
      settings: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=weir%20test',
        WEIR_MAX_WORKFLOWS: '2',
        WEIR_QUEUE_TIMEOUT_SECONDS: '6',
      },
      settingsOf: rolesOf,
    });
    return new TracedStage(stage, receiver, hooks);
  }

  get ada(): Person {
    return this.stage.person('ada');
  }

  /** A step that calls the host for webhooks. */
  call(name: string): Step {
    return { name, type: 'webhook', config: { url: `${this.hooks.url}/hook?key=secret` } };
  }

  async post(path: string, traceId: string, body: unknown = {}): Promise<TriggerAnswer & Record<string, unknown>> {
    const answer = await fetch(`${this.stage.replica(1).url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.stage.cluster.token('ada')}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${CALLER}-01`,
      },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as TriggerAnswer & Record<string, unknown>;
  }

  /** Resolves to the id of the run. */
  async start(traceId: string, workflow_id: string): Promise<string> {
    return (await this.post('/api/v1/trigger', traceId, { workflow_id })).run_id;
  }

  ended(runId: string): Promise<RunAnswer> {
    return until(
      async () => {
        const run = await this.ada.api(this.stage.replica(1)).getRun(runId);
        return isFinal(run.status) ? run : undefined;
      },
      { timeoutMs: 40_000, what: 'the end of the run' },
    );
  }

  logged(replica: ClusterReplica): Array<Record<string, unknown>> {
    return readFileSync(join(this.stage.cluster.logDir, `${replica.id}.log`), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async close(): Promise<void> {
    await this.stage.close();
    await this.hooks.close();
    await this.receiver.close();
  }
}
