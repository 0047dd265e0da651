import WebSocket from 'ws';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../shared/protocol/client/live-connection.ts';

export interface User {
  id: string;
  token: string;
  api: ApiClient;
  live: LiveConnection;
  chat: string;
}

/** Milliseconds at which each thing that is waited for was heard. */
export class Ears {
  private readonly waiting = new Map<string, (at: number) => void>();
  /** A run may end before the answer to its start is read. */
  private readonly early = new Map<string, number>();

  hear(what: string): void {
    const at = performance.now();
    const waiter = this.waiting.get(what);
    if (waiter === undefined) this.early.set(what, at);
    else waiter(at);
    this.waiting.delete(what);
  }

  heard(what: string): Promise<number> {
    const at = this.early.get(what);
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never heard ${what}`)), 20_000);
      this.waiting.set(what, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  }
}

/** So many users, each with a socket that has heard where it stands. */
export async function gather(cluster: LocalCluster, ears: Ears, count: number): Promise<User[]> {
  const url = cluster.nginxUrl;
  const users: User[] = [];
  for (let n = 0; n < count; n++) {
    const id = `user-${n}`;
    const token = await cluster.token(id, 'user');
    const live = new LiveConnection({ endpoint: bearerEndpoint(url, () => token), WebSocket }).start();
    live.on('WORKFLOW_COMPLETED', ({ data }) => ears.hear(data.run_id));
    live.on('CHAT_MESSAGE', ({ data }) => {
      if (data.sender !== id) ears.hear(data.client_message_id);
    });
    users.push({ id, token, api: new ApiClient({ baseUrl: url, token: () => token }), live, chat: '' });
  }
  for (const { live } of users) {
    if (live.state.kind !== 'live') await new Promise<void>((resolve) => live.on('SNAPSHOT', () => resolve()));
  }
  return users;
}

/** As many chats, with as many people in each: the first of them begins it and invites the others. */
export async function makeChats(users: User[], chats: number, workflowId: string): Promise<void> {
  for (let chat = 0; chat < chats; chat++) {
    const people = users.filter((_, n) => Math.floor((n * chats) / users.length) === chat);
    const [owner, ...friends] = people;
    const { run_id } = (await owner?.api.trigger({ workflow_id: workflowId })) ?? { run_id: '' };
    for (const friend of friends) await owner?.api.chats.invite(run_id, friend.id);
    for (const person of people) person.chat = run_id;
  }
}
