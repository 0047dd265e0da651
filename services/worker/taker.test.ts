import { expect } from 'chai';
import type { ReadyRun } from '../../redis/results.ts';
import { type OwnClockedStore, ownClockedStore } from '../../tests/support/own-clocked-store.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { until } from '../../tests/support/until.ts';
import { Taker, type TakerDeps } from './taker.ts';

/** Takes from `store` and works on each run until told to let go; remembers how many each call asked for and brought. */
class Taking {
  readonly taken: string[] = [];
  readonly asked: number[] = [];
  readonly calls: number[] = [];
  private ends: Array<() => void> = [];
  private readonly taker: Taker;

  constructor(store: Pick<OwnClockedStore, 'slots'>, concurrency: number) {
    const take: TakerDeps['slots']['take'] = async (seconds, signal, max) => {
      this.asked.push(max ?? 1);
      const runs = await store.slots.take(seconds, signal, max);
      if (runs.length > 0) this.calls.push(runs.length);
      return runs;
    };
    const work = (run: ReadyRun) => {
      this.taken.push(run.runId);
      return new Promise<void>((resolve) => this.ends.push(resolve));
    };
    this.taker = new Taker({
      slots: { take },
      gate: { open: async (stopping) => stopping },
      concurrency,
      work,
      log: recordedLog(),
    });
    this.taker.start();
  }

  letGo(): void {
    for (const end of this.ends.splice(0)) end();
  }

  async stop(): Promise<void> {
    await this.taker.stop();
    this.letGo();
    await this.taker.idle();
  }
}

describe('a taker of ready runs', () => {
  let store: OwnClockedStore;
  let takers: Taking[];

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(async () => {
    await store.reset({ max_workflows: 100 });
    takers = [];
  });
  afterEach(() => Promise.all(takers.map((taker) => taker.stop())));
  after(() => store.close());

  const taking = async (concurrency: number) => {
    const taker = new Taking(await store.another(), concurrency);
    takers.push(taker);
    return taker;
  };
  const grant = (count: number) =>
    store.queue.admit(Array.from({ length: count }, (_, index) => store.entry(index + 1)));
  const untilTaken = (count: number) =>
    until(() => takers.reduce((sum, { taken }) => sum + taken.length, 0) === count, {
      timeoutMs: 5_000,
      what: `${count} runs to be taken`,
    });

  it('takes many that wait in few calls, in their order, and never more than it has room for', async () => {
    await grant(40);
    const taker = await taking(20);
    await untilTaken(20);
    expect(taker.calls).to.deep.equal([1, 2, 4, 8, 5]);
    taker.letGo();
    await untilTaken(40);
    expect(taker.taken).to.deep.equal(Array.from({ length: 40 }, (_, index) => `run-${index + 1}`));
    expect(Math.max(...taker.calls)).to.be.at.most(16);
  });

  it('asks after a group for one about as large, and for one run when none came soon', async () => {
    const taker = await taking(100);
    await grant(8);
    await untilTaken(8);
    await until(() => taker.asked.length >= 6, { timeoutMs: 5_000, what: 'the lull to be noticed' });
    expect(taker.calls).to.deep.equal([1, 2, 4, 1]);
    expect(taker.asked).to.deep.equal([1, 2, 4, 8, 4, 1]);
  });

  it('leaves some of a few runs to others who wait', async () => {
    const [one, other] = [await taking(20), await taking(20)];
    const waiting = async () => (await store.connections.command.info('clients')).includes('blocked_clients:2');
    await until(waiting, { timeoutMs: 5_000, what: 'two takers to wait' });
    await grant(2);
    await untilTaken(2);
    expect([one.taken.length, other.taken.length]).to.deep.equal([1, 1]);
  });
});
