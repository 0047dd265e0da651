import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Client, SocketAnswer, SocketOrder } from './sockets-clients.ts';

/** Enough that the clients, who decode every frame, are not slower than who sends them. */
const PROCESSES = 2;

/** The processes with the clients, as one. */
export class Crowd {
  private readonly children = Array.from({ length: PROCESSES }, () =>
    fork(join(import.meta.dirname, 'sockets-clients.ts'), { execArgv: ['--import', 'tsx'], serialization: 'advanced' }),
  );

  open(url: string, clients: Client[], bare: boolean): Promise<SocketAnswer> {
    return this.all((_, n) => ({
      kind: 'open',
      url,
      bare,
      clients: clients.filter((_, client) => client % PROCESSES === n),
    }));
  }

  /** Resolves, as soon as all listen, to what is heard then. */
  async hear(type: string): Promise<Promise<SocketAnswer>[]> {
    const answers = this.children.map(async (child) => {
      const [first] = await once(child, 'message');
      if (first !== 'listening') throw new Error('a client process does not listen');
      return child;
    });
    for (const child of this.children) child.send({ kind: 'hear', type } satisfies SocketOrder);
    const listening = await Promise.all(answers);
    return listening.map(async (child) => ((await once(child, 'message')) as [SocketAnswer])[0]);
  }

  tally(): Promise<SocketAnswer> {
    return this.all(() => ({ kind: 'tally' }));
  }

  async close(): Promise<void> {
    await this.all(() => ({ kind: 'close' }));
  }

  end(): void {
    for (const child of this.children) child.disconnect();
  }

  private async all(orderOf: (child: ChildProcess, n: number) => SocketOrder): Promise<SocketAnswer> {
    const answers = this.children.map(async (child, n) => {
      const heard = once(child, 'message');
      child.send(orderOf(child, n));
      return ((await heard) as [SocketAnswer])[0];
    });
    return together(await Promise.all(answers));
  }
}

export function together(answers: readonly SocketAnswer[]): SocketAnswer {
  const sum = (value: (answer: SocketAnswer) => number) => answers.reduce((total, answer) => total + value(answer), 0);
  return {
    count: sum(({ count }) => count),
    refused: sum(({ refused }) => refused),
    lastAt: Math.max(...answers.map(({ lastAt }) => lastAt)),
    events: new Map(answers.flatMap(({ events }) => [...events])),
    faults: answers.flatMap(({ faults }) => faults),
  };
}
