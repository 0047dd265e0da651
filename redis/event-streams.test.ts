import { expect } from 'chai';
import type { EventFrame } from '../shared/protocol/events.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { startRedis, type TestRedis, testRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import type { UserEvent } from './event-streams.ts';
import { createRedisStore, type RedisStore } from './store.ts';

describe('event streams', () => {
  let redis: TestRedis;
  let store: RedisStore;
  let other: RedisStore;
  let user: string;
  let users = 0;

  before(async () => {
    redis = await testRedis();
    store = createRedisStore({ ...redis, log: recordedLog() });
    other = createRedisStore({ ...redis, log: recordedLog() });
    await Promise.all([store.connections.ready(), other.connections.ready()]);
  });
  beforeEach(() => {
    user = `user {${++users}}`;
  });
  after(async () => {
    await Promise.all([store.close(), other.close()]);
    await redis.close();
  });

  const event = (provider: string, dedupeId?: string): UserEvent => ({
    userId: user,
    type: 'PROVIDER_RESTORED',
    data: { message: 'äö "quoted" }', provider },
    ...(dedupeId === undefined ? {} : { dedupeId }),
  });
  const offsets = (frames: EventFrame[]) => frames.map((frame) => frame.offset);
  const providers = (frames: EventFrame[]) => frames.map((frame) => (frame.data as { provider: string }).provider);

  it('numbers the events of a stream without gaps, and replays them from any replica, whole', async () => {
    const { epoch, offset, oldest } = await store.events.open(user);
    expect({ offset, oldest }).to.deep.equal({ offset: 0, oldest: 1 });
    await store.events.publish(['a', 'b'].map((provider) => event(provider)));
    await other.events.publish([event('c')]);
    const frames = await other.events.history(user, 1);
    expect(offsets(frames)).to.deep.equal([1, 2, 3]);
    expect(providers(frames)).to.deep.equal(['a', 'b', 'c']);
    const [first] = frames;
    expect(first).to.deep.include({
      type: 'PROVIDER_RESTORED',
      data: { message: 'äö "quoted" }', provider: 'a' },
      epoch,
    });
    expect(Date.parse(first?.at ?? '')).to.be.closeTo(Date.now(), 5_000);
    expect(offsets(await store.events.history(user, 2, 2))).to.deep.equal([2]);
    expect(await other.events.open(user, 'another epoch')).to.deep.equal({ epoch, offset: 3, oldest: 1, since: 0 });
  });

  it('an event that would follow one after which it is stale is swallowed, through whatever replica they come', async () => {
    await store.events.open(user);
    const late: UserEvent = { ...event('late', 'late'), notAfter: ['never', 'end'] };
    await store.events.publish([{ ...event('in time'), notAfter: ['never', 'end'] }]);
    await other.events.publish([event('end', 'end')]);
    await store.events.publish([late, event('next')]);
    expect(providers(await store.events.history(user, 1))).to.deep.equal(['in time', 'end', 'next']);
  });

  it('an event with an id seen before is swallowed', async () => {
    await store.events.open(user);
    await store.events.publish([event('a', 'x'), event('b', 'x'), event('c', 'y'), event('d')]);
    await other.events.publish([event('e', 'y')]);
    expect(providers(await store.events.history(user, 1))).to.deep.equal(['a', 'c', 'd']);
  });

  it('a repeat is swallowed even when hundreds of other events came in between', async () => {
    await store.events.open(user);
    await store.events.publish([event('a', 'x')]);
    await store.events.publish(Array.from({ length: 900 }, (_, n) => event('other', String(n))));
    await other.events.publish([event('a', 'x')]);
    expect((await store.events.open(user)).offset).to.equal(901);
  });

  it('who subscribes first and reads the history then has every event, some of them twice', async () => {
    await store.events.open(user);
    const live: EventFrame[] = [];
    const publishing = (async () => {
      for (let n = 1; n <= 50; n++) await other.events.publish([event(String(n))]);
    })();
    await until(async () => (await store.events.open(user)).offset > 5, { timeoutMs: 5_000, what: 'some events' });
    await store.channels.subscribeUser(user, (frame) => live.push(frame));
    const { offset } = await store.events.open(user);
    const replayed = await store.events.history(user, 1, offset);
    await publishing;
    await until(() => live.at(-1)?.offset === 50, { timeoutMs: 5_000, what: 'the last event' });
    const merged = [...replayed, ...live.filter((frame) => (frame.offset ?? 0) > offset)];
    expect(offsets(merged)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 1));
    await store.channels.unsubscribeUser(user);
  });

  it('the frame that is sent is the frame that is stored', async () => {
    await store.events.open(user);
    const sent = new Promise<{ frame: EventFrame; json: string }>((resolve) => {
      void store.channels
        .subscribeUser(user, (frame, json) => resolve({ frame, json }))
        .then(() => other.events.publish([event('a')]));
    });
    const { frame, json } = await sent;
    expect([frame]).to.deep.equal(await store.events.history(user, 1));
    expect(JSON.parse(json)).to.deep.equal(frame);
    await store.channels.unsubscribeUser(user);
  });

  it('without a stream an event is sent and not stored; live frames never are', async () => {
    const live: EventFrame[] = [];
    await store.channels.subscribeUser(user, (frame) => live.push(frame));
    await other.events.publish([event('a')]);
    await other.events.publishLive(user, { type: 'PONG', data: {}, at: 'now' });
    await until(() => live.length === 2, { timeoutMs: 5_000, what: 'two frames' });
    expect(offsets(live)).to.deep.equal([undefined, undefined]);
    expect(await store.events.open(user)).to.include({ offset: 0 });
    await store.channels.unsubscribeUser(user);
  });

  it('a stream is bounded, and says which event is the oldest it still has', async () => {
    await store.events.open(user);
    for (let round = 0; round < 13; round++) await store.events.publish(Array.from({ length: 100 }, () => event('x')));
    const { offset, oldest } = await store.events.open(user);
    expect(offset).to.equal(1_300);
    expect(offset - oldest + 1).to.be.within(1_000, 1_100);
    expect((await store.events.history(user, 1))[0]?.offset).to.equal(oldest);
  });

  it('a stream that has gone comes back under a new epoch, from 1', async () => {
    const before = await store.events.open(user);
    await store.events.publish([event('a', 'x')]);
    await store.connections.command.del(`${redis.prefix}:{u:${user}}:meta`);
    const after = await store.events.open(user);
    expect(after).to.include({ offset: 0, oldest: 1 });
    expect(after.epoch).not.to.equal(before.epoch);
    await store.events.publish([event('b', 'x')]);
    expect(providers(await store.events.history(user, 1))).to.deep.equal(['b']);
  });

  it('a place is never given twice: a server that has lost its end goes on under a new epoch, whoever asks it first', async () => {
    const server = await startRedis();
    const stores = [1, 2].map(() => createRedisStore({ url: server.url, prefix: 'test', log: recordedLog() }));
    const [first, second] = stores as [RedisStore, RedisStore];
    try {
      await first.events.open(user);
      await first.events.publish([event('a'), event('b')]);
      await server.command('CONFIG', 'SET', 'appendonly', 'no');
      await second.events.publish([event('lost'), event('lost too')]);
      const before = await first.events.open(user);
      expect(before.offset).to.equal(4);

      await server.kill();
      await server.start();
      await Promise.all(stores.map((each) => each.connections.ready()));
      await second.events.publish(['c', 'd', 'e'].map((provider) => event(provider)));
      const after = await first.events.open(user);
      expect(after).to.include({ offset: 5, oldest: 1, since: 2 });
      expect(after.epoch).not.to.equal(before.epoch);
      const frames = await first.events.history(user, 1);
      expect(providers(frames)).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
      expect(frames.map(({ epoch }) => epoch)).to.deep.equal([
        ...[before.epoch, before.epoch],
        ...[after.epoch, after.epoch, after.epoch],
      ]);
      await second.events.publish([event('f')]);
      expect(await second.events.open(user)).to.include({ epoch: after.epoch, offset: 6 });
    } finally {
      await Promise.all(stores.map((each) => each.close()));
      await server.stop();
    }
  });

  it('a stream of a release that did not note the server goes on under a new epoch, once', async () => {
    const { epoch } = await store.events.open(user);
    await store.connections.command.hdel(`${redis.prefix}:{u:${user}}:meta`, 'server');
    const renewed = await store.events.open(user);
    expect(renewed.epoch).not.to.equal(epoch);
    expect((await other.events.open(user)).epoch).to.equal(renewed.epoch);
  });

  it('all keys of a stream have a life of an hour', async () => {
    await store.events.open(user);
    await store.events.publish([event('a', 'x')]);
    for (const key of ['stream', 'meta', 'seen']) {
      expect(await store.connections.command.pttl(`${redis.prefix}:{u:${user}}:${key}`)).to.be.within(
        3_590_000,
        3_600_000,
      );
    }
  });
});
