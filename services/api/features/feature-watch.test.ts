import { expect } from 'chai';
import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { COMFORTS } from '../../../shared/workflow/capacity-level.ts';
import { letLevelFall } from '../../../tests/support/fallen-level.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { FeatureWatch } from './feature-watch.ts';

const people = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);

describe('what a replica knows of the features', () => {
  let redis: PrivateRedis;
  const stores: RedisStore[] = [];
  const watches: FeatureWatch[] = [];
  let elsewhere: RedisStore;
  let prefix: string;
  let suites = 0;

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());
  beforeEach(async () => {
    prefix = `watch${++suites}`;
    elsewhere = await open();
    await elsewhere.cluster.setLimits(TEST_LIMITS);
  });
  afterEach(async () => {
    await Promise.all(watches.splice(0).map((watch) => watch.stop()));
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  async function open(): Promise<RedisStore> {
    const store = createRedisStore({ url: redis.url, prefix, log: recordedLog() });
    stores.push(store);
    await store.connections.ready();
    return store;
  }

  /** A replica's knowledge, and how often it has changed. By default it renews so seldom that what it knows it has been told. */
  async function startWatch(lease = { lengthMs: 60_000, renewEveryMs: 60_000 }) {
    const { features: store, channels } = await open();
    const metrics = createMetrics();
    const watch = new FeatureWatch({ store, channels, onLogged: () => {}, metrics, log: recordedLog(), lease });
    watches.push(watch);
    const heard: string[] = [];
    watch.onChange(() => heard.push(watch.disabled.join(',')));
    await watch.start();
    return { watch, heard, metrics };
  }
  const knows = (watch: FeatureWatch, off: readonly string[], timeoutMs = 5_000) =>
    until(() => String(watch.disabled) === String(off), { timeoutMs, what: `${off.join() || 'nothing'} to be off` });

  it('the 23rd of 25 users switches all comforts off on every replica within a second, and none before', async () => {
    const [one, two, three] = await Promise.all([startWatch(), startWatch(), startWatch()]);
    await elsewhere.users.join('r1', people(22));
    expect(await elsewhere.features.settle()).to.have.property('sequence');
    for (const { watch } of [one, two, three]) expect(watch.disabled).to.deep.equal([]);
    const begun = performance.now();
    await elsewhere.users.join('r1', people(23));
    for (const { watch } of [one, two, three]) await knows(watch, COMFORTS);
    expect(performance.now() - begun).to.be.below(1_000);
    for (const { heard } of [one, two, three]) expect(heard.at(-1)).to.equal('read_receipts,presence,typing');
    expect(await metricValue(one.metrics.chat.enabled, { feature: 'typing' })).to.equal(0);
  });

  it('they stay off at the border and come back on every replica when the level has fallen', async () => {
    const [one, two] = await Promise.all([startWatch(), startWatch()]);
    await elsewhere.users.join('r1', people(23));
    await knows(one.watch, COMFORTS);
    // Below the entry but above the exit (85 % are 21.25): nothing, however long.
    await elsewhere.users.leave('r1', ['user-22']);
    await letLevelFall(elsewhere, prefix);
    expect((await elsewhere.features.settle()).features.some(({ enabled }) => enabled)).to.equal(false);
    // Below the exit: held for ten seconds, then on.
    await elsewhere.users.leave('r1', ['user-21']);
    expect((await elsewhere.features.settle()).features.some(({ enabled }) => enabled)).to.equal(false);
    await letLevelFall(elsewhere, prefix);
    for (const { watch } of [one, two]) await knows(watch, []);
    expect(one.heard.slice(-1)).to.deep.equal(['']);
    expect(await metricValue(one.metrics.chat.enabled)).to.equal(3);
  });

  it('an administrator’s word reaches every replica at once, and one that starts later', async () => {
    const [one, two] = await Promise.all([startWatch(), startWatch()]);
    const word = { by: 'root', why: '', lastingMs: 0 };
    await elsewhere.features.force([['typing', 'off']], word);
    for (const { watch } of [one, two]) await knows(watch, ['typing']);
    const late = await startWatch();
    expect(late.watch.isOn('typing')).to.equal(false);
    expect(late.watch.isOn('presence')).to.equal(true);
    await elsewhere.features.force([['typing', null]], word);
    for (const { watch } of [one, two, late]) await knows(watch, []);
  });

  it('what was forced for a time is over on every replica without anybody saying so', async () => {
    const { watch } = await startWatch({ lengthMs: 60_000, renewEveryMs: 50 });
    await elsewhere.features.force([['presence', 'off']], { by: 'root', why: '', lastingMs: 2_000 });
    await knows(watch, ['presence']);
    await knows(watch, [], 10_000);
  });

  it('a change that was missed with a lost connection is known again with the next one', async () => {
    const { watch } = await startWatch();
    const { command } = elsewhere.connections;
    await Promise.all([
      command.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      elsewhere.features.force([['typing', 'off']], { by: 'root', why: '', lastingMs: 0 }),
    ]);
    await knows(watch, ['typing'], 5_000);
  });

  it('flags that nobody keeps up are gone for whoever comes then', async () => {
    await elsewhere.users.join('r1', people(23));
    await elsewhere.features.settle();
    // The writer dies: after half a minute Redis has dropped what it wrote, the level and the users' leases.
    for (const key of ['features', 'level', 'users', 'user-leases'])
      await elsewhere.connections.command.pexpire(`${prefix}:{cap}:${key}`, 1);
    const { watch } = await startWatch();
    expect(watch.disabled).to.deep.equal([]);
  });

  it('while Redis is away what is known counts for the length of the lease, then all is on; when it is back, what is true', async function () {
    this.timeout(30_000);
    const { watch, heard } = await startWatch({ lengthMs: 3_000, renewEveryMs: 100 });
    await elsewhere.features.force([['typing', 'off']], { by: 'root', why: '', lastingMs: 0 });
    await knows(watch, ['typing']);
    await redis.kill();
    const begun = performance.now();
    await knows(watch, [], 10_000);
    expect(performance.now() - begun, 'not at once').to.be.above(1_000);
    expect(heard.at(-1)).to.equal('');
    await redis.start();
    await knows(watch, ['typing'], 10_000);
  });

  it('one that has stopped asks no more and hears no more', async () => {
    const { watch, heard } = await startWatch({ lengthMs: 60_000, renewEveryMs: 20 });
    await watch.stop();
    await watch.stop();
    const before = heard.length;
    await elsewhere.features.force([['typing', 'off']], { by: 'root', why: '', lastingMs: 0 });
    const late = await startWatch();
    expect(late.watch.disabled).to.deep.equal(['typing']);
    expect(heard).to.have.length(before);
    expect(watch.disabled).to.deep.equal([]);
  });
});
