import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { type ClockedStore, clockedStore, TEST_LIMITS } from './clocked-store.ts';
import type { AdmitEntry, CapacityState, RunningEntry } from './results.ts';

const REBUILDING = { kind: 'rebuilding' };
const STALE = { kind: 'stale_epoch' };
const DONE = { kind: 'done' };
const LIMITS = { ...TEST_LIMITS, max_workflows: 2 };

/** A server of its own: it loses everything. */
describe('rebuilding after the data is lost', () => {
  let server: PrivateRedis;
  let store: ClockedStore;

  before(async () => {
    server = await startRedis({ durable: false });
    store = await clockedStore({ url: server.url, prefix: 'test', log: recordedLog() });
  });
  beforeEach(lose);
  after(async () => {
    await store.close();
    await server.stop();
  });

  async function lose(): Promise<void> {
    await store.connections.command.flushall();
    await store.clock.advance(0);
  }
  const queued = (seq: number, but: Partial<AdmitEntry> = {}) =>
    store.entry(seq, { expiresAt: store.clock.now + 300_000, ...but });
  const running = (seq: number, but: Partial<RunningEntry> = {}): RunningEntry => ({
    runId: `run-${seq}`,
    seq,
    userId: 'ann',
    workflowId: 'flow',
    attempt: 2,
    grantedAt: store.clock.now - 1_000,
    grantNo: seq,
    ...but,
  });
  const finish = (epoch: number) =>
    store.rebuild.finish(epoch, { generation: `g${epoch}`, maxGrantNo: 41, limits: LIMITS });
  async function rebuild(epoch: number, runs: Parameters<typeof store.rebuild.load>[1]): Promise<void> {
    expect(await store.rebuild.begin(epoch)).to.deep.equal(DONE);
    expect(await store.rebuild.load(epoch, runs)).to.deep.equal(DONE);
    expect(await finish(epoch)).to.deep.equal(DONE);
  }

  it('everything that would decide answers "rebuilding" until the rebuild is finished', async () => {
    const answers = async () =>
      Promise.all([
        store.queue.admit([store.entry(1)]),
        store.queue.dequeue(1, 10),
        store.queue.cancel('run-1'),
        store.queue.positions(['run-1']),
        store.slots.renew([{ runId: 'run-1', attempt: 1 }]),
        store.slots.rescue(1),
        store.cluster.read(),
      ]);
    expect(await store.rebuild.isMissing()).to.equal(true);
    expect(new Set(await answers())).to.deep.equal(new Set(Array(7).fill(REBUILDING)));
    await store.rebuild.begin(1);
    expect(new Set(await answers())).to.deep.equal(new Set(Array(7).fill(REBUILDING)));
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: null }]);
    await store.slots.giveBack([{ runId: 'run-1', attempt: 1 }]);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal([]);
    await finish(1);
    expect(await store.rebuild.isMissing()).to.equal(false);
    expect(await store.queue.admit([store.entry(1)])).to.have.property('kind', 'admitted');
  });

  it('users are counted meanwhile, and keep counting through it', async () => {
    await store.users.join('r1', ['ann', 'bob']);
    await rebuild(1, {});
    expect(((await store.cluster.read()) as CapacityState).level.activeUsers).to.equal(2);
  });

  it('the queue has its order again, however the batches came, and grants count on', async () => {
    await store.rebuild.begin(1);
    const { now } = store.clock;
    await store.rebuild.load(1, {
      queued: [queued(5, { acceptedAt: now - 10 }), queued(3, { acceptedAt: now - 10 })],
    });
    await store.rebuild.load(1, {
      queued: [
        queued(4, { acceptedAt: now - 20, expiresAt: now + 5 }),
        queued(6, { acceptedAt: now, priority: 'high' }),
      ],
    });
    await store.rebuild.load(1, { queued: [queued(3, { acceptedAt: now - 10 })] });
    await finish(1);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-6', 'run-4', 'run-3', 'run-5']);
    expect(await store.queue.positions(['run-4'])).to.deep.equal([{ runId: 'run-4', position: 2, expiresAt: now + 5 }]);
    await store.queue.dequeue(1, 10);
    expect((await store.slots.take(1, new AbortController().signal))[0]).to.include({ runId: 'run-6', grantNo: 42 });
  });

  it('a repeat of an admission finds the run that was loaded', async () => {
    const waiting = queued(1, { attemptFloor: 3, expiresAt: store.clock.now + 1_000 });
    await rebuild(1, { queued: [waiting] });
    expect(await store.queue.admit([waiting])).to.have.nested.property('results[0].alreadyKnown', true);
  });

  it('running runs hold their slots again; workers renew them, the rest is rescued one lease later', async () => {
    await rebuild(1, { running: [running(1), running(2)], queued: [queued(3)] });
    expect(await store.queue.dequeue(1, 10)).to.deep.include({ granted: [], freeSlots: 0 });
    await store.clock.advance(14_999);
    expect(await store.slots.renew([{ runId: 'run-1', attempt: 2 }])).to.deep.equal(['held']);
    expect(await store.slots.rescue(1)).to.deep.equal({ kind: 'rescued', runIds: [] });
    await store.clock.advance(1);
    expect(await store.slots.rescue(1)).to.deep.equal({ kind: 'rescued', runIds: ['run-2'] });
    expect(await store.slots.renew([{ runId: 'run-2', attempt: 2 }])).to.deep.equal(['lost']);
    const signal = new AbortController().signal;
    expect((await store.slots.take(1, signal))[0]).to.deep.equal({
      runId: 'run-2',
      attemptFloor: 2,
      grantedAt: store.clock.now - 16_000,
      grantNo: 2,
    });
  });

  it('a long rebuild costs no live worker its lease', async () => {
    await store.rebuild.begin(1);
    await store.rebuild.load(1, { running: [running(1)] });
    await store.clock.advance(60_000);
    await finish(1);
    expect(await store.slots.rescue(1)).to.deep.equal({ kind: 'rescued', runIds: [] });
  });

  it('of two leaders the later one rebuilds; the earlier one is told at its next step', async () => {
    await store.rebuild.begin(1);
    await store.rebuild.load(1, { queued: [queued(1)] });
    await store.rebuild.begin(2);
    expect(await store.rebuild.load(1, { queued: [queued(2)] })).to.deep.equal(STALE);
    expect(await finish(1)).to.deep.equal(STALE);
    expect(await store.rebuild.begin(1)).to.deep.equal(STALE);
    await store.rebuild.load(2, { queued: [queued(3)] });
    await finish(2);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal(['run-3']);
  });

  it('data lost again half-way is noticed at the next step', async () => {
    await store.rebuild.begin(1);
    await store.rebuild.load(1, { queued: [queued(1)] });
    await lose();
    expect(await store.rebuild.load(1, { queued: [queued(2)] })).to.deep.equal(REBUILDING);
    expect(await finish(1)).to.deep.equal(REBUILDING);
    expect(await store.rebuild.isMissing()).to.equal(true);
  });

  it('a run loaded twice counts once, even if it began to run between the two', async () => {
    await rebuild(1, { running: [running(1)], queued: [queued(1), queued(2), queued(2)] });
    expect(await store.cluster.read()).to.include({ slotsHeld: 1, queueLength: 1 });
    expect(await store.connections.command.hgetall('test:{cap}:queued-by-user')).to.deep.equal({ ann: '1' });
  });

  it('nothing can be loaded once the rebuild is finished', async () => {
    await rebuild(1, {});
    expect(await store.rebuild.load(1, { queued: [queued(1)] })).to.deep.equal(REBUILDING);
    expect(await store.queue.listQueued(0, 10)).to.deep.equal([]);
  });

  it('beginning anew clears what was there', async () => {
    await rebuild(1, { running: [running(1)], queued: [queued(2)] });
    await store.queue.cancel('run-1');
    await rebuild(2, { queued: [queued(3)] });
    expect(await store.cluster.read()).to.include({ slotsHeld: 0, readyLength: 0, queueLength: 1 });
  });
});
