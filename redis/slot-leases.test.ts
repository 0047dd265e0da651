import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { CapacityState, RunAttempt } from './results.ts';

const EPOCH = 1;

describe('slot leases', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const of = (runId: string, attempt: number): RunAttempt => ({ runId, attempt });
  const ended = (runId: string, attempt: number) => ({ runId, attempt, sample: null });
  const take = async () => (await store.slots.take(1, new AbortController().signal))[0]?.runId;
  const renew = async (runId: string, attempt: number) => (await store.slots.renew([of(runId, attempt)])) as string[];
  const rescued = async () => {
    const result = await store.slots.rescue(EPOCH);
    return result.kind === 'rescued' ? result.runIds : result.kind;
  };
  const held = async () => ((await store.cluster.read()) as CapacityState).slotsHeld;
  const ready = async () =>
    (await store.connections.command.lrange(`${store.prefix}:{cap}:ready`, 0, -1)).map((line) =>
      line.split(':').slice(0, 2).join(':'),
    );
  const start = (...seqs: number[]) => store.queue.admit(seqs.map((seq) => store.entry(seq)));

  describe('renewal', () => {
    it('takes the slot for the attempt that comes first and keeps it as long as it is renewed', async () => {
      await start(1);
      await take();
      for (let round = 0; round < 4; round++) {
        expect(await renew('run-1', 1)).to.deep.equal(['held']);
        await store.clock.advance(14_999);
        expect(await rescued()).to.deep.equal([]);
      }
    });

    it('is lost for an attempt at or below the floor, for an earlier attempt than the holder, and for an unknown run', async () => {
      await store.queue.admit([store.entry(1, { attemptFloor: 2 })]);
      expect(await renew('run-1', 2)).to.deep.equal(['lost']);
      expect(await renew('run-1', 4)).to.deep.equal(['held']);
      expect(await renew('run-1', 3)).to.deep.equal(['lost']);
      expect(await renew('run-2', 1)).to.deep.equal(['lost']);
    });

    it('half an attempt above the floor keeps the lease and can hand it back, and shuts nobody out', async () => {
      await start(1);
      await take();
      await store.clock.advance(10_000);
      expect(await renew('run-1', 0.5)).to.deep.equal(['held']);
      await store.clock.advance(10_000);
      expect(await rescued()).to.deep.equal([]);
      await store.slots.giveBack([of('run-1', 0.5)]);
      expect(await ready()).to.deep.equal(['run-1:0']);
      await take();
      expect(await renew('run-1', 1)).to.deep.equal(['held']);
      expect(await renew('run-1', 0.5)).to.deep.equal(['lost']);
    });

    it('answers for many runs in their order', async () => {
      await start(1, 2, 3);
      expect(await store.slots.renew([of('run-3', 1), of('run-9', 1), of('run-1', 1), of('run-2', 0)])).to.deep.equal([
        'held',
        'lost',
        'held',
        'lost',
      ]);
    });
  });

  describe('release', () => {
    it('frees the slot, once', async () => {
      await start(1, 2);
      await renew('run-1', 1);
      await store.slots.release([ended('run-1', 1), ended('run-1', 1)]);
      expect(await held()).to.equal(1);
      expect(await renew('run-1', 1)).to.deep.equal(['lost']);
    });

    it('by an attempt that was overtaken changes nothing and counts no service time', async () => {
      await start(1);
      await renew('run-1', 2);
      await store.slots.release([{ ...of('run-1', 1), sample: { workflowId: 'flow', ms: 5 } }]);
      expect(await held()).to.equal(1);
      expect(await store.cluster.serviceSamples()).to.deep.equal([]);
    });

    it('by a worker whose claim found nothing to do (attempt floor + 1) frees the slot', async () => {
      await start(1);
      await take();
      await store.slots.release([ended('run-1', 1)]);
      expect(await held()).to.equal(0);
    });

    it('wakes the leader when somebody waits', async () => {
      await store.reset({ max_workflows: 1 });
      await start(1, 2);
      const woken = new Promise((resolve) => store.channels.onWake(() => resolve('woken')));
      await store.slots.release([ended('run-1', 1)]);
      expect(await woken).to.equal('woken');
    });

    it('a service time is kept with its workflow, at most 512 of them', async () => {
      await start(1);
      await store.connections.command.rpush(`${store.prefix}:{cap}:service-times`, ...Array<string>(512).fill('old:1'));
      await store.slots.release([{ ...of('run-1', 1), sample: { workflowId: 'flow', ms: 5 } }]);
      const samples = await store.cluster.serviceSamples();
      expect(samples).to.have.length(512);
      expect(samples[0]).to.deep.equal({ workflowId: 'flow', ms: 5 });
    });
  });

  describe('rescue', () => {
    it('puts runs whose lease has lapsed back, before all others, earliest grant first, with their slots', async () => {
      await start(1, 2, 3, 4);
      for (const _ of [1, 2, 3]) await take();
      for (const run of ['run-2', 'run-1', 'run-3']) await renew(run, 1);
      await store.clock.advance(10_000);
      await renew('run-3', 1);
      await store.clock.advance(5_000);
      expect(await rescued()).to.deep.equal(['run-1', 'run-2']);
      expect(await ready()).to.deep.equal(['run-1:1', 'run-2:1', 'run-4:0']);
      expect(await held()).to.equal(4);
    });

    it('shuts out the attempt that had the slot; the next one takes it', async () => {
      await start(1);
      await take();
      await renew('run-1', 1);
      await store.clock.advance(15_000);
      await rescued();
      expect(await renew('run-1', 1)).to.deep.equal(['lost']);
      await store.slots.release([ended('run-1', 1)]);
      expect(await held()).to.equal(1);
      expect(await take()).to.equal('run-1');
      expect(await renew('run-1', 2)).to.deep.equal(['held']);
    });

    it('a run popped by a worker that died before it claimed comes back, for the same attempt', async () => {
      await start(1);
      await take();
      await store.clock.advance(15_000);
      expect(await rescued()).to.deep.equal(['run-1']);
      expect(await take()).to.equal('run-1');
      expect(await renew('run-1', 1)).to.deep.equal(['held']);
    });

    it('a run that waits in the ready list for longer than a lease is there once, in its place', async () => {
      await start(1, 2);
      for (let round = 0; round < 3; round++) {
        await store.clock.advance(5_000);
        await rescued();
        await store.clock.advance(10_000);
        expect(await rescued()).to.deep.equal([]);
      }
      expect(await ready()).to.deep.equal(['run-1:0', 'run-2:0']);
    });

    it('a slow worker that takes its run after the rescue takes it out of the ready list again', async () => {
      await start(1);
      await take();
      await store.clock.advance(15_000);
      await rescued();
      expect(await renew('run-1', 1)).to.deep.equal(['held']);
      expect(await ready()).to.deep.equal([]);
    });

    it('an earlier leader rescues nothing', async () => {
      await start(1);
      await store.slots.rescue(2);
      await store.clock.advance(15_000);
      expect(await rescued()).to.equal('stale_epoch');
      expect(await ready()).to.deep.equal(['run-1:0']);
    });

    it('after 10 s without a rescuing leader (Redis was away), live workers have 7 s to renew before their runs are taken for dead', async () => {
      await start(1, 2);
      await take();
      await take();
      await store.slots.renew([of('run-1', 1), of('run-2', 1)]);
      await rescued();
      await store.clock.advance(60_000);
      expect(await rescued()).to.deep.equal([]);
      await store.clock.advance(5_000);
      expect(await renew('run-1', 1)).to.deep.equal(['held']);
      await store.clock.advance(1_999);
      expect(await rescued()).to.deep.equal([]);
      await store.clock.advance(1);
      expect(await rescued()).to.deep.equal(['run-2']);
    });

    it('a change of leaders within 10 s holds nothing back', async () => {
      await start(1);
      await take();
      await store.clock.advance(5_000);
      await rescued();
      await store.clock.advance(10_000);
      expect(await rescued()).to.deep.equal(['run-1']);
    });
  });

  describe('handing back', () => {
    it('makes the run the next to be taken, with its slot and without its former worker', async () => {
      await start(1, 2);
      await take();
      await renew('run-1', 1);
      await store.slots.giveBack([of('run-1', 1)]);
      expect(await ready()).to.deep.equal(['run-1:1', 'run-2:0']);
      expect(await held()).to.equal(2);
      expect(await renew('run-1', 1)).to.deep.equal(['lost']);
      await store.clock.advance(14_999);
      expect(await rescued()).to.deep.equal([]);
    });

    it('twice, or by an attempt that was overtaken, changes nothing', async () => {
      await start(1);
      await take();
      await renew('run-1', 2);
      await store.slots.giveBack([of('run-1', 1)]);
      expect(await ready()).to.deep.equal([]);
      await store.slots.giveBack([of('run-1', 2), of('run-1', 2)]);
      expect(await ready()).to.deep.equal(['run-1:2']);
    });

    it('of a run that was popped and not claimed yet leaves it to the same attempt, once', async () => {
      await start(1);
      await take();
      await store.slots.giveBack([of('run-1', 1)]);
      await store.slots.giveBack([of('run-1', 1)]);
      expect(await ready()).to.deep.equal(['run-1:0']);
    });

    it('gives runs the place of their grant, in whatever order they come back', async () => {
      await start(1, 2, 3, 4, 5);
      for (let n = 1; n <= 4; n++) await take();
      await store.slots.giveBack([of('run-2', 0.5)]);
      await store.slots.giveBack([of('run-4', 0.5), of('run-1', 0.5)]);
      await store.slots.giveBack([of('run-3', 0.5)]);
      expect(await ready()).to.deep.equal(['run-1:0', 'run-2:0', 'run-3:0', 'run-4:0', 'run-5:0']);
    });

    it('of a cancelled run frees its slot', async () => {
      await start(1);
      await take();
      await renew('run-1', 1);
      await store.queue.cancel('run-1');
      await store.slots.giveBack([of('run-1', 1)]);
      expect(await ready()).to.deep.equal([]);
      expect(await held()).to.equal(0);
    });
  });
});
