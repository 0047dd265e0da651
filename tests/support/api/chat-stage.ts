import type { EventFrame } from '../../../shared/protocol/events.ts';
import { until } from '../until.ts';
import { type ApiCluster, type ApiClusterOptions, type ApiReplica, apiCluster, token } from './api-cluster.ts';
import type { HttpAnswer } from './http-client.ts';
import { storeWorkflow } from './store-workflow.ts';

/** ann owns the run, bob was invited, eve is nobody, root is an admin. */
export type ChatPerson = 'ann' | 'bob' | 'cleo' | 'eve' | 'root';

/** A run of ann's to which bob is invited, and two replicas to ask about it, in turn. */
export class ChatStage {
  private calls = 0;
  private names = 0;

  private constructor(
    readonly cluster: ApiCluster,
    readonly one: ApiReplica,
    readonly two: ApiReplica,
    private readonly tokens: Record<ChatPerson, string>,
    readonly workflowId: string,
    /** Waits: there is no slot. */
    readonly runId: string,
  ) {}

  static async open(options: ApiClusterOptions = {}): Promise<ChatStage> {
    const cluster = await apiCluster({ ...options, limits: { max_workflows: 0, ...options.limits } });
    const [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    const people = ['ann', 'bob', 'cleo', 'eve', 'root'] as const;
    const pairs = people.map(async (name) => [name, await token(name, name === 'root' ? 'admin' : 'user')]);
    const tokens = Object.fromEntries(await Promise.all(pairs)) as Record<ChatPerson, string>;
    const workflowId = await storeWorkflow(one);
    const body = { workflow_id: workflowId };
    const started = await one.http('POST', '/api/v1/trigger', { token: tokens.ann, body });
    const stage = new ChatStage(cluster, one, two, tokens, workflowId, started.body.run_id);
    // A stream keeps what comes from its opening on, which is somebody's first socket.
    for (const name of people) await cluster.redis.events.open(name);
    await stage.invite('ann', 'bob');
    return stage;
  }

  tokenOf(who: ChatPerson): string {
    return this.tokens[who];
  }

  /** Path below the run. */
  ask(who: ChatPerson, method: string, path: string, body?: unknown, runId = this.runId): Promise<HttpAnswer> {
    return this.call(who, method, `/api/v1/runs/${runId}${path}`, body);
  }

  call(who: ChatPerson, method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    const replica = this.calls++ % 2 === 0 ? this.one : this.two;
    return replica.http(method, path, { token: this.tokens[who], ...(body === undefined ? {} : { body }) });
  }

  /** Another run, without a chat. */
  async start(who: ChatPerson): Promise<string> {
    return (await this.call(who, 'POST', '/api/v1/trigger', { workflow_id: this.workflowId })).body.run_id;
  }

  invite(by: ChatPerson, userId: string, runId = this.runId): Promise<HttpAnswer> {
    return this.ask(by, 'POST', '/participants', { user_id: userId }, runId);
  }

  say(who: ChatPerson, text: string, name = `m-${++this.names}`): Promise<HttpAnswer> {
    return this.ask(who, 'POST', '/messages', { client_message_id: name, text });
  }

  /** Frames about chats in somebody's stream, in order. */
  async stream(userId: string): Promise<EventFrame[]> {
    const frames = await this.cluster.redis.events.history(userId, 1);
    return frames.filter(({ type }) => type.startsWith('CHAT_'));
  }

  /** Waits until somebody's stream has so many messages; their numbers, in order. */
  async delivered(userId: string, count: number, timeoutMs = 5_000): Promise<number[]> {
    const numbers = async () =>
      (await this.stream(userId)).flatMap((frame) => (frame.type === 'CHAT_MESSAGE' ? [frame.data.seq] : []));
    return until(
      async () => {
        const found = await numbers();
        return found.length >= count ? found : undefined;
      },
      { timeoutMs, what: `${count} messages in the stream of ${userId}` },
    );
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}
