import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { LEASES } from './leases.ts';
import type { CapacityState } from './results.ts';

const EPOCH = 1;

describe('a slot that is released', () => {
  let store: OwnClockedStore;
  let wakes = 0;

  before(async () => {
    store = await ownClockedStore();
    store.channels.onWake(() => void wakes++);
  });
  after(() => store.close());

  /** Runs 1 and 2 have the two slots, `waiting` others wait, and the leader has just looked. */
  async function full({ waiting = 3, expiresInMs = 300_000 } = {}): Promise<void> {
    await store.reset({ max_workflows: 2, queue_max_per_user: 100 });
    const entries = Array.from({ length: 2 + waiting }, (_, index) => store.entry(index + 1));
    await store.queue.admit(entries.map((entry) => ({ ...entry, expiresAt: store.clock.now + expiresInMs })));
    await store.queue.dequeue(EPOCH, 100);
  }
  /** Wakes of the leader by releasing these runs: they reach the subscriber before the answer to a PING there. */
  async function release(...runIds: string[]): Promise<number> {
    await store.connections.subscriber.ping();
    wakes = 0;
    await store.slots.release(runIds.map((runId) => ({ runId, attempt: 1, sample: null })));
    await store.connections.subscriber.ping();
    return wakes;
  }
  const waiting = () => store.queue.listQueued(0, 10);
  const ready = async () =>
    (await store.slots.take(1, new AbortController().signal, 10)).map(({ runId, grantNo }) => `${runId} ${grantNo}`);
  const held = async () => ((await store.cluster.read()) as CapacityState).slotsHeld;

  it('goes to the first who waits, in the same moment and without waking the leader', async () => {
    await full();
    await store.slots.take(1, new AbortController().signal, 2);
    expect(await release('run-2')).to.equal(0);
    expect(await ready()).to.deep.equal(['run-3 3']);
    expect(await release('run-1', 'run-3')).to.equal(0);
    expect(await ready()).to.deep.equal(['run-4 4', 'run-5 5']);
    expect(await held()).to.equal(2);
  });

  it('is as fresh as one that the leader gives: nobody holds it, and the run comes back if nobody takes it', async () => {
    await full();
    await release('run-1');
    await store.slots.take(1, new AbortController().signal, 10);
    // In two parts: after a longer silence of leaders nobody is taken for dead.
    const half = LEASES.slot.lengthMs / 2;
    await store.slots.rescue(EPOCH);
    await store.clock.advance(half);
    await store.slots.rescue(EPOCH);
    await store.clock.advance(half - 1);
    expect(await store.slots.rescue(EPOCH)).to.deep.equal({ kind: 'rescued', runIds: [] });
    await store.clock.advance(1);
    await store.slots.rescue(EPOCH);
    expect(await ready()).to.include('run-3 3');
  });

  it('goes to nobody beyond a limit that was lowered', async () => {
    await full();
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', 1);
    await release('run-1');
    expect(await waiting()).to.have.length(3);
    await release('run-2');
    expect(await waiting()).to.deep.equal(['run-4', 'run-5']);
  });

  it('wakes the leader for slots that were free besides', async () => {
    await full();
    await store.connections.command.hset(`${store.prefix}:{cap}:limits`, 'max_workflows', 4);
    expect(await release('run-1')).to.equal(1);
    expect(await waiting()).to.deep.equal(['run-4', 'run-5']);
  });

  describe('waits for the leader', () => {
    const waits = async () => {
      expect(await release('run-1')).to.equal(1);
      expect(await waiting()).to.deep.equal(['run-3', 'run-4', 'run-5']);
      expect(await held()).to.equal(1);
    };

    it('that has not looked for so long that it may be dead', async () => {
      await full();
      await store.clock.advance(LEASES.permit.lengthMs);
      await waits();
    });

    it('once a later one has been seen, which may have to put back what was lost', async () => {
      await full();
      await store.slots.rescue(EPOCH + 1);
      await waits();
    });

    it('that has not looked yet', async () => {
      await full();
      await store.connections.command.del(`${store.prefix}:{cap}:permit`);
      await waits();
    });

    it('while starts are paced', async () => {
      await full();
      await store.users.join(
        'r1',
        Array.from({ length: 20 }, (_, index) => `user-${index}`),
      );
      await waits();
    });

    it('while a wait is over that it has to end', async () => {
      await full({ expiresInMs: 1_000 });
      await store.clock.advance(1_000);
      await waits();
    });
  });
});
