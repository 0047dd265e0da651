import { type ApiCluster, type ApiClusterOptions, type ApiReplica, apiCluster, token } from './api-cluster.ts';
import type { HttpAnswer, HttpCall } from './http-client.ts';
import { storeWorkflow } from './store-workflow.ts';

/** Two replicas, a workflow, and whoever asks: any name is a user, `root` is an administrator. */
export class ApiPair {
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly cluster: ApiCluster,
    readonly one: ApiReplica,
    readonly two: ApiReplica,
    readonly workflowId: string,
  ) {}

  static async open(options: ApiClusterOptions = {}): Promise<ApiPair> {
    const cluster = await apiCluster(options);
    const [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    return new ApiPair(cluster, one, two, await storeWorkflow(one));
  }

  async ask(replica: ApiReplica, who: string, method: string, path: string, call: HttpCall = {}): Promise<HttpAnswer> {
    const known = this.tokens.get(who) ?? (await token(who, who === 'root' ? 'admin' : 'user'));
    this.tokens.set(who, known);
    return replica.http(method, path, { token: known, ...call });
  }

  /** Triggers the workflow, unless `body` names another. */
  start(
    replica: ApiReplica,
    who: string,
    body: object = {},
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const call = { body: { workflow_id: this.workflowId, ...body }, headers };
    return this.ask(replica, who, 'POST', '/api/v1/trigger', call);
  }

  /** Ids of all runs in the record. */
  async stored(): Promise<string[]> {
    return (await this.one.database.runs.list({ userId: null, limit: 100 })).map(({ id }) => id);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}
