import type { LocalCluster } from '../../../services/local/local-cluster.ts';
import { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../../shared/protocol/client/bearer-endpoint.ts';
import type { LiveConnectionOptions } from '../../../shared/protocol/client/live-connection.ts';
import type { TriggerAnswer, TriggerBody } from '../../../shared/protocol/http.ts';
import { Listener } from './listener.ts';

/** An answer as it is, when a client that waits and repeats by itself would hide it. */
export interface RawAnswer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

/** A replica, or whatever else answers for the cluster. */
export interface Door {
  readonly url: string;
}

/** Somebody who uses the cluster, through one replica or (where none is named) through Nginx. */
export class Person {
  private readonly clients = new Map<string, ApiClient>();
  private readonly listeners: Listener[] = [];
  private readonly token: () => Promise<string>;

  constructor(
    private readonly cluster: LocalCluster,
    readonly id: string,
    role: 'user' | 'admin',
  ) {
    const token = cluster.token(id, role);
    this.token = () => token;
  }

  api(at?: Door): ApiClient {
    const baseUrl = this.door(at);
    let client = this.clients.get(baseUrl);
    if (client === undefined) {
      client = new ApiClient({ baseUrl, token: this.token });
      this.clients.set(baseUrl, client);
    }
    return client;
  }

  /** Opens a live connection. Ended with the stage if not before. */
  listen(at?: Door, options: Partial<LiveConnectionOptions> = {}): Listener {
    const listener = new Listener({ endpoint: bearerEndpoint(this.door(at), this.token), ...options });
    this.listeners.push(listener);
    return listener;
  }

  /** Sends one start, once. */
  async start(
    body: TriggerBody,
    { at, key }: { at?: Door | undefined; key?: string } = {},
  ): Promise<RawAnswer<TriggerAnswer & { code?: string }>> {
    const answer = await fetch(`${this.door(at)}/api/v1/trigger`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await this.token()}`,
        'Content-Type': 'application/json',
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      },
      body: JSON.stringify(body),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as TriggerAnswer & { code?: string },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
  }

  private door(at: Door | undefined): string {
    return at?.url ?? this.cluster.nginxUrl;
  }
}
