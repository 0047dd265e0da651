import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import { createRedisStore, type RedisStore } from './store.ts';

/** A server of its own: it is killed and frozen. */
describe('connections when Redis is away', () => {
  let server: PrivateRedis;
  let store: RedisStore;
  let log: ReturnType<typeof recordedLog>;

  before(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    log = recordedLog();
    store = createRedisStore({ url: server.url, prefix: 'test', log });
    await store.connections.ready();
  });
  afterEach(() => store.close());
  after(() => server.stop());

  /** What an operation answers when it cannot be done, and after how long (ms). */
  async function refusal(operation: () => Promise<unknown>): Promise<{ name: string; ms: number }> {
    const start = performance.now();
    const name = await operation().then(
      () => 'answered',
      (error: Error) => error.name,
    );
    return { name, ms: performance.now() - start };
  }
  const operations = (): Array<() => Promise<unknown>> => [
    () => store.users.join('r1', ['ann']),
    () => store.queue.admit([]).then(() => store.queue.listQueued(0, 1)),
    () => store.slots.renew([{ runId: 'r', attempt: 1 }]),
    () => store.slots.take(1, new AbortController().signal),
    () => store.cluster.read(),
    () => store.cluster.serviceSamples(),
    () => store.rebuild.isMissing(),
    () => store.events.publish([{ userId: 'ann', type: 'PONG', data: {} }]),
    () => store.events.history('ann', 1),
    () => store.channels.subscribeUser('ann', () => {}),
    () => store.channels.announceLeaderLeft(),
    () => store.tickets.issue({ userId: 'ann', role: 'user', expiresAt: Date.now() + 60_000 }),
    () => store.tickets.redeem('x'.repeat(43)),
    () => store.connections.ping(),
  ];

  it('every method rejects with RedisUnavailable within about a second while Redis is down', async () => {
    const down = new Promise((resolve) => store.connections.once('down', () => resolve('down')));
    await server.kill();
    expect(await down).to.equal('down');
    expect(store.connections.up).to.equal(false);
    const refusals = await Promise.all(operations().map(refusal));
    expect(new Set(refusals.map(({ name }) => name))).to.deep.equal(new Set(['RedisUnavailable']));
    expect(Math.max(...refusals.map(({ ms }) => ms))).to.be.lessThan(1_500);
    const up = new Promise((resolve) => store.connections.once('up', () => resolve('up')));
    await server.start();
    expect(await up).to.equal('up');
    expect(await store.users.join('r1', ['ann'])).to.have.property('kind', 'joined');
  });

  it('what is under way when the connection breaks fails at once and is not sent again', async () => {
    await store.connections.command.del('test:counter');
    server.pause();
    const increment = refusal(() => store.connections.command.incr('test:counter'));
    await server.kill();
    expect((await increment).name).not.to.equal('answered');
    await server.start();
    await store.connections.ready();
    expect(Number((await store.connections.command.get('test:counter')) ?? 0)).to.be.lessThan(2);
  });

  it('a frozen Redis is noticed: commands reject after 1 s, the connection is given up after 2 s and comes back', async () => {
    server.pause();
    const { name, ms } = await refusal(() => store.cluster.read());
    expect(name).to.equal('RedisUnavailable');
    expect(ms).to.be.within(900, 1_500);
    await until(() => !store.connections.up, { timeoutMs: 5_000, what: 'the connection to be given up' });
    expect(await refusal(() => store.cluster.read())).to.have.property('name', 'RedisUnavailable');
    server.resume();
    await store.connections.ready();
    expect(await store.connections.ping()).to.be.lessThan(1_000);
  });

  it('an outage is one warning for each connection and one line when it is over', async () => {
    await server.kill();
    await until(() => !store.connections.up, { timeoutMs: 5_000, what: 'the loss to be noticed' });
    await refusal(() => store.connections.ping());
    await refusal(() => store.connections.ping());
    await server.start();
    await store.connections.ready();
    const lines = log.lines.filter(({ fields }) => fields.connection === 'command').map(({ level }) => level);
    expect(lines).to.deep.equal(['warn', 'info']);
  });

  it('a wait for a ready run that is aborted while Redis is down ends', async () => {
    const abort = new AbortController();
    const taken = store.slots.take(5, abort.signal).catch((error: Error) => error.name);
    await server.kill();
    abort.abort();
    expect([[], 'RedisUnavailable']).to.deep.include(await taken);
    await server.start();
  });

  it('closes while connected, while Redis is down and before it was ever reached', async () => {
    const never = createRedisStore({ url: server.url, prefix: 'test', log });
    await never.close();
    await server.kill();
    await until(() => store.connections.command.status === 'reconnecting', { timeoutMs: 5_000, what: 'reconnecting' });
    const waiting = refusal(() => store.slots.take(5, new AbortController().signal));
    await store.close();
    await store.close();
    expect((await waiting).name).to.equal('RedisUnavailable');
    const late = createRedisStore({ url: server.url, prefix: 'test', log });
    expect((await refusal(() => late.connections.ready(50))).name).to.equal('RedisUnavailable');
    await late.close();
    await server.start();
  });
});
