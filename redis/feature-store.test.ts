import { expect } from 'chai';
import type { Comfort } from '../shared/workflow/capacity-level.ts';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { ClockedStore } from './clocked-store.ts';

const ALL: Comfort[] = ['read_receipts', 'presence', 'typing'];

describe('features of the cluster', () => {
  let store: OwnClockedStore;
  let other: ClockedStore;

  before(async () => {
    store = await ownClockedStore();
    other = await store.another();
  });
  beforeEach(() => store.reset({ max_users: 25 }));
  after(() => store.close());

  const people = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);
  const off = async (way: ClockedStore = store) =>
    (await way.features.settle()).features.filter(({ enabled }) => !enabled).map(({ feature }) => feature);
  const logged = async () =>
    (await store.features.changes()).map(({ feature, enabled, cause }) => [feature, enabled, cause]);
  const force = (state: 'on' | 'off' | null, features: Comfort[] = ALL, lastingMs = 0) =>
    store.features.force(
      features.map((feature) => [feature, state] as const),
      { by: 'root: "the" admin', why: 'maintenance', lastingMs },
    );

  it('are on below 90 % and go at 90 % (23 of 25), in order, each change with its number, who and why', async () => {
    await store.users.join('r1', people(22));
    const before = await store.features.settle();
    expect(await off()).to.deep.equal([]);
    await store.users.join('r1', people(23));
    expect(await off()).to.deep.equal(ALL);
    const changes = await store.features.changes();
    expect(changes.map(({ feature, seq }) => [feature, seq - before.sequence])).to.deep.equal([
      ['read_receipts', 1],
      ['presence', 2],
      ['typing', 3],
    ]);
    expect(changes[0]).to.deep.equal({
      seq: before.sequence + 1,
      at: store.clock.now,
      feature: 'read_receipts',
      enabled: false,
      forced: null,
      cause: 'level',
      by: 'system',
      why: 'degraded: 23 of 25 users',
      level: 'degraded',
    });
  });

  it('come back the other way round, when the level has fallen', async () => {
    await store.users.join('r1', people(23));
    await store.features.settle();
    await store.users.leave('r1', people(23).slice(5));
    expect(await off(), 'held for 10 s').to.deep.equal(ALL);
    await store.clock.advance(10_000);
    await store.users.join('r1', people(5));
    expect(await off()).to.deep.equal([]);
    expect((await store.features.changes()).slice(3).map(({ feature, enabled }) => [feature, enabled])).to.deep.equal([
      ['typing', true],
      ['presence', true],
      ['read_receipts', true],
    ]);
  });

  it('are changed once, whoever settles first, and told once with the number of the last change', async () => {
    const heard: number[] = [];
    const off = other.channels.onFeatures((sequence) => heard.push(sequence));
    await store.features.settle();
    await store.users.join('r1', people(23));
    const answers = await Promise.all([store, other, store, other].map((way) => way.features.settle()));
    await other.connections.subscriber.ping();
    off();
    expect(new Set(answers.map(({ sequence }) => sequence)).size).to.equal(1);
    expect(answers[0]?.logged).to.equal(3);
    expect(heard.at(-1)).to.equal(answers[0]?.sequence);
    expect(heard.filter((sequence) => sequence === answers[0]?.sequence)).to.have.length(1);
  });

  it('forced off stay off at any level, forced on stay on; released they follow the level again', async () => {
    await force('off', ['typing']);
    expect(await off()).to.deep.equal(['typing']);
    await force('on', ['presence']);
    await store.users.join('r1', people(23));
    expect(await off()).to.deep.equal(['read_receipts', 'typing']);
    const { features } = await force(null, ['typing', 'presence']);
    expect(features.map(({ forced }) => forced)).to.deep.equal([null, null, null]);
    expect(await off()).to.deep.equal(ALL);
    expect(await logged()).to.deep.equal([
      ['typing', false, 'forced'],
      ['presence', true, 'forced'],
      ['read_receipts', false, 'level'],
      ['presence', false, 'released'],
      ['typing', false, 'released'],
    ]);
    const [first] = await store.features.changes();
    expect(first).to.deep.include({ by: 'root: "the" admin', why: 'maintenance', forced: 'off', level: 'normal' });
  });

  it('forced for a time are free again when it is over', async () => {
    const { features } = await force('off', ['typing'], 60_000);
    expect(features[2]?.forced).to.deep.equal({
      state: 'off',
      until: store.clock.now + 60_000,
      by: 'root: "the" admin',
    });
    await store.clock.advance(59_999);
    expect(await off()).to.deep.equal(['typing']);
    await store.clock.advance(1);
    expect(await off(other)).to.deep.equal([]);
    expect((await logged()).at(-1)).to.deep.equal(['typing', true, 'lapsed']);
  });

  it('lapse 30 s after the last settling, and are then what the level says, under a greater number', async () => {
    await store.users.join('r1', people(23));
    const before = await store.features.settle();
    const key = `${store.prefix}:{cap}:features`;
    expect(await store.connections.command.pttl(key)).to.be.within(29_000, 30_000);
    await store.connections.command.del(key, `${store.prefix}:{cap}:level`);
    await store.clock.advance(1_000);
    const after = await store.features.settle();
    expect(after.features.every(({ enabled }) => enabled)).to.equal(true);
    expect(after.sequence).to.be.greaterThan(before.sequence);
    expect((await logged()).slice(3), 'the log tells of it').to.deep.equal([
      ['typing', true, 'level'],
      ['presence', true, 'level'],
      ['read_receipts', true, 'level'],
    ]);
  });

  it('that lapse while they are off and are off again leave nothing new in the log', async () => {
    await store.users.join('r1', people(23));
    await store.features.settle();
    await store.connections.command.del(`${store.prefix}:{cap}:features`);
    expect(await off()).to.deep.equal(ALL);
    expect(await logged()).to.have.length(3);
  });

  it('changes stay in the log until they are stored elsewhere, those that came meanwhile too', async () => {
    await force('off', ['typing']);
    const [change] = await store.features.changes();
    await force('off', ['presence']);
    await store.features.forgetChanges(change?.seq ?? 0);
    expect((await logged()).map(([feature]) => feature)).to.deep.equal(['presence']);
    expect((await store.features.settle()).logged).to.equal(1);
  });
});
