import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { CapacityState, ReplicaReport } from './results.ts';

const people = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`);
const report = (but: Partial<ReplicaReport> = {}): ReplicaReport => ({
  id: 'r1',
  version: '1.0.0',
  roles: ['api', 'worker'],
  sockets: 3,
  runs: 2,
  eventLoopDelayMs: 1.5,
  redisLatencyMs: 0.4,
  ...but,
});

describe('cluster state', () => {
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  beforeEach(() => store.reset());
  after(() => store.close());
  const read = async () => (await store.cluster.read()) as CapacityState;

  it('shows limits, counts, replicas, leader and estimate of one instant', async () => {
    await store.reset({ max_workflows: 2, queue_timeout_seconds: 1.5 });
    await store.queue.admit([1, 2, 3, 4].map((seq) => store.entry(seq)));
    await store.slots.take(1, new AbortController().signal);
    await store.users.join('r1', people(20));
    await store.cluster.report(report());
    await store.cluster.publishLeader({ replica: 'r1', epoch: 7 });
    await store.cluster.publishEstimate({ at: store.clock.now, seconds: [1, 2] });
    const state = await read();
    expect(state).to.deep.include({
      slotsHeld: 2,
      readyLength: 1,
      queueLength: 2,
      leader: { replica: 'r1', epoch: 7 },
    });
    expect(state.limits).to.include({ max_users: 25, max_workflows: 2, queue_timeout_seconds: 1.5 });
    expect(state.level).to.include({ level: 'elevated', activeUsers: 20, maxUsers: 25 });
    expect(state.replicas).to.deep.equal([report()]);
    expect(state.estimate).to.deep.equal({ at: store.clock.now, seconds: [1, 2] });
  });

  it('has neither leader nor estimate nor replicas when nobody published any', async () => {
    expect(await read()).to.deep.include({ leader: null, estimate: null, replicas: [] });
  });

  it('limits changed while running take effect at once: level, slots, hard limit', async () => {
    await store.users.join('r1', people(10));
    expect(await store.cluster.setLimits({ ...(await read()).limits, max_users: 12 })).to.include({
      level: 'elevated',
      maxUsers: 12,
    });
    expect((await read()).level.level).to.equal('elevated');
    await store.cluster.setLimits({ ...(await read()).limits, max_users: 100, max_workflows: 1 });
    await store.clock.advance(10_000);
    expect(await store.cluster.refreshLevel(1)).to.include({ level: 'normal' });
    const admitted = await store.queue.admit([store.entry(1), store.entry(2)]);
    expect(admitted).to.have.property('results').that.deep.includes({ kind: 'started' });
    expect(await read()).to.include({ slotsHeld: 1, queueLength: 1 });
  });

  it('more slots wake the leader', async () => {
    const woken = new Promise((resolve) => store.channels.onWake(() => resolve('woken')));
    await store.cluster.setLimits({ ...(await read()).limits, max_workflows: 20 });
    expect(await woken).to.equal('woken');
  });

  it('slow event loop and slow Redis together raise the level for 15 s, one of them alone does not', async () => {
    expect(await store.cluster.report(report({ eventLoopDelayMs: 500 }))).to.include({ level: 'normal' });
    expect(await store.cluster.report(report({ redisLatencyMs: 500 }))).to.include({ level: 'normal' });
    expect(await store.cluster.report(report({ eventLoopDelayMs: 200, redisLatencyMs: 100 }))).to.include({
      level: 'elevated',
    });
    await store.clock.advance(14_999);
    expect(await store.cluster.report(report())).to.include({ level: 'elevated' });
    await store.clock.advance(1);
    expect(await store.cluster.report(report())).to.include({ level: 'normal' });
  });

  it('pressure never lowers a level', async () => {
    await store.users.join('r1', people(23));
    expect(await store.cluster.report(report({ eventLoopDelayMs: 999, redisLatencyMs: 999 }))).to.include({
      level: 'degraded',
    });
  });

  it('a replica that stopped reporting is forgotten after 15 s', async () => {
    await store.cluster.report(report({ id: 'dead' }));
    await store.clock.advance(10_000);
    await store.cluster.report(report({ id: 'alive' }));
    await store.clock.advance(5_000);
    expect((await read()).replicas.map(({ id }) => id)).to.deep.equal(['alive']);
  });

  it('the leader lets lapsed users go and the level fall although nobody joins or leaves', async () => {
    await store.users.join('r1', people(20));
    await store.clock.advance(15_000);
    expect(await store.cluster.refreshLevel(3)).to.include({ level: 'elevated', activeUsers: 0 });
    await store.clock.advance(10_000);
    expect(await store.cluster.refreshLevel(3)).to.include({ level: 'normal' });
    expect(await store.cluster.refreshLevel(2), 'an earlier leader').to.deep.equal({ kind: 'stale_epoch' });
  });

  it('keeps the newest service times, and tells since when each slot is held', async () => {
    await store.queue.admit([store.entry(1), store.entry(2, { workflowId: 'other' })]);
    await store.clock.advance(700);
    expect(await store.cluster.runningGrants()).to.have.deep.members([
      { runId: 'run-1', workflowId: 'flow', elapsedMs: 700 },
      { runId: 'run-2', workflowId: 'other', elapsedMs: 700 },
    ]);
    await store.slots.release([{ runId: 'run-1', attempt: 1, sample: { workflowId: 'flow', ms: 699.6 } }]);
    await store.slots.release([{ runId: 'run-2', attempt: 1, sample: { workflowId: 'other', ms: 12 } }]);
    expect(await store.cluster.serviceSamples()).to.deep.equal([
      { workflowId: 'other', ms: 12 },
      { workflowId: 'flow', ms: 700 },
    ]);
  });
});
