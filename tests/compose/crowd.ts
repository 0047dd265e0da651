import { expect } from 'chai';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { Listener } from '../support/cluster/listener.ts';
import { delayStep } from '../support/cluster/stage.ts';
import type { Stack } from './stack.ts';

/** Of a run; each is two events. As many as a workflow may have. */
const STEPS = 50;

export interface Spectator {
  userId: string;
  /** Where the client says it is; `ip_hash` goes by the first three numbers. */
  address: string;
  listener: Listener;
}

/** People at addresses of their own, each watching a run of theirs live. */
export class Crowd {
  private constructor(
    private readonly stack: Stack,
    readonly spectators: Spectator[],
  ) {}

  /** `size` people with a live connection each; `name` makes them others than those of another test. */
  static async gather(stack: Stack, name: string, size: number): Promise<Crowd> {
    const spectators = Array.from({ length: size }, (_, n) => {
      const userId = `${name}-${n + 1}`;
      const address = `198.51.${n + 1}.7`;
      return { userId, address, listener: listenAt(stack, userId, address) };
    });
    await Promise.all(spectators.map(({ listener }) => listener.live()));
    return new Crowd(stack, spectators);
  }

  /** Starts a run of so many seconds for everybody, and waits until each has heard of it. */
  async watchRuns(seconds: number): Promise<void> {
    const { id } = await this.stack.api('root', 'admin').createWorkflow({
      name: 'eventful',
      steps: Array.from({ length: STEPS }, (_, n) => delayStep(`step-${n + 1}`, seconds / STEPS)),
    });
    await Promise.all(
      this.spectators.map(({ userId }) => this.stack.api(userId).trigger({ workflow_id: id, payload: {} })),
    );
    await Promise.all(
      this.spectators.map(({ listener }) => listener.heard(() => listener.stored.length >= 3, 'some events')),
    );
  }

  /** Waits for the end of every run; everybody heard every event once, in order, and was never told to begin anew. */
  async hearsEverything(timeoutMs: number): Promise<void> {
    for (const { userId, listener } of this.spectators) {
      await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').length === 1, `${userId}'s end`, timeoutMs);
      expect(
        listener.stored.map(({ offset }) => offset),
        `${userId}: every event, once, in order`,
      ).to.deep.equal(listener.stored.map((_, index) => index + 1));
      expect(listener.ofType('SNAPSHOT'), `${userId}: only the first greeting`).to.have.length(1);
    }
  }

  /** How often live connections were opened again. */
  get reconnects(): number {
    return this.spectators.reduce((sum, { listener }) => sum + listener.ofType('RESUMED').length, 0);
  }

  async leave(): Promise<void> {
    await Promise.all(this.spectators.map(({ listener }) => listener.close()));
  }
}

/** A live connection of somebody whose client is at `address`, as a proxy in front of Nginx would say. */
export function listenAt(stack: Stack, userId: string, address: string): Listener {
  const token = stack.token(userId);
  const endpoint = bearerEndpoint(stack.url, () => token);
  return new Listener({
    endpoint: async (signal) => {
      const { url, headers } = await endpoint(signal);
      return { url, headers: { ...headers, 'X-Forwarded-For': address } };
    },
  });
}
