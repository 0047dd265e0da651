import { expect } from 'chai';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import { numberedEvent, numbers } from '../../../tests/support/numbered-events.ts';
import { startPostgres, type TestPostgres } from '../../../tests/support/postgres.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { upTo } from '../../../tests/support/up-to.ts';

const isSnapshot = ({ type }: EventFrame) => type === 'SNAPSHOT';

/** Places in the stream that do not follow the one before; only a snapshot may say where the stream goes on. */
function brokenPlaces(frames: readonly EventFrame[]): string[] {
  const placed = frames.filter(({ offset }) => offset !== undefined);
  return placed.flatMap((frame, index) => {
    const before = placed[index - 1];
    if (isSnapshot(frame) || before === undefined) return [];
    const follows = frame.epoch === before.epoch && frame.offset === (before.offset ?? 0) + 1;
    return follows ? [] : [`${frame.epoch}/${frame.offset} after ${before.epoch}/${before.offset}`];
  });
}

describe('sockets while Redis or Postgres is away', () => {
  let redis: PrivateRedis;
  let postgres: TestPostgres;
  let rig: Rig;
  let gateway: RigGateway;
  let user = 0;
  let userId: string;
  before(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    rig = await startRig({ redisUrl: redis.url, postgresUrl: postgres.url });
    gateway = await rig.gateway();
  });
  beforeEach(() => {
    userId = `user-${++user}`;
  });
  after(async () => {
    await rig.close();
    await Promise.all([redis.stop(), postgres.stop()]);
  });

  /** As a worker does: again until it is taken; a dedupe id makes that safe. */
  const publish = (n: number): Promise<unknown> =>
    until(
      () =>
        rig.store.events.publish([{ ...numberedEvent(userId, n), dedupeId: String(n) }]).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 10_000, what: 'Redis to take an event' },
    );

  it('stay open over a restart of Redis and get everything that is published before, during and after; a snapshot says that some might be lost', async function () {
    this.timeout(30_000);
    const sockets = upTo(3).map(() => rig.connect(gateway, userId));
    await Promise.all(sockets.map((socket) => socket.greeted()));
    await publish(1);
    for (const n of [2, 8]) {
      await redis.kill();
      const during = upTo(5).map((i) => publish(n + i - 1));
      await redis.start();
      await Promise.all(during);
      await publish(n + 5);
      // Two restarts before anybody has looked would be one loss.
      for (const socket of sockets)
        await socket.has((frames) => numbers(frames).includes(n + 5), 'the events around the restart');
    }
    for (const socket of sockets) {
      await socket.has((frames) => numbers(frames).includes(13), 'the last event');
      expect(brokenPlaces(socket.frames)).to.deep.equal([]);
      expect([...numbers(socket.frames)].sort((a, b) => a - b)).to.deep.equal([...upTo(7), ...upTo(13).slice(7)]);
      expect(socket.closed).to.equal(undefined);
      expect(socket.ofType('SNAPSHOT')).to.have.length(3);
    }
    await until(async () => (await rig.usersCounted()) === 1, {
      timeoutMs: 6_000,
      what: 'the user to be counted again',
    });
  });

  it('get a snapshot when Redis has lost the end of what they have seen, though it counts further by now', async function () {
    this.timeout(30_000);
    const left = rig.connect(gateway, userId);
    const stays = rig.connect(gateway, userId);
    const { epoch } = await left.greeted();
    await stays.greeted();
    await publish(1);
    await redis.command('CONFIG', 'SET', 'appendonly', 'no');
    await Promise.all([publish(2), publish(3)]);
    for (const socket of [left, stays]) await socket.has((frames) => numbers(frames).length === 3, 'three events');
    await left.close();
    await redis.kill();
    const during = [4, 5, 6].map(publish);
    await redis.start();
    await Promise.all(during);
    expect(await rig.store.events.open(userId)).to.include({ offset: 4 });

    const resumed = rig.connect(gateway, userId, { query: `?epoch=${epoch}&offset=3` });
    expect((await resumed.greeted()).type).to.equal('SNAPSHOT');
    await stays.has((frames) => frames.filter(isSnapshot).length === 2, 'a second snapshot');
    await publish(7);
    for (const [socket, heard] of [
      [resumed, [7]],
      [stays, [1, 2, 3, 4, 5, 6, 7]],
    ] as const) {
      await socket.has((frames) => numbers(frames).includes(7), 'the next event');
      expect(brokenPlaces(socket.frames)).to.deep.equal([]);
      expect([...numbers(socket.frames)].sort()).to.deep.equal(heard);
    }
  });

  for (const [how, then] of [
    ['is frozen', 'the missed events'],
    ['is restarted', 'the missed events and a full snapshot, as some may be lost'],
  ] as const)
    it(`are accepted while Redis ${how}: a snapshot without capacity first, then ${then}, then live ones`, async () => {
      const first = rig.connect(gateway, userId);
      const { epoch } = await first.greeted();
      await first.close();
      await publish(1);
      if (how === 'is frozen') redis.pause();
      else await redis.kill();
      const fresh = rig.connect(gateway, userId);
      const resumed = rig.connect(gateway, userId, { query: `?epoch=${epoch}&offset=0` });
      for (const socket of [fresh, resumed]) {
        const greeting = await socket.greeted();
        expect(greeting.type).to.equal('SNAPSHOT');
        expect(greeting).to.not.have.any.keys('epoch', 'offset');
        expect(socket.ofType('SNAPSHOT')[0]?.data.capacity).to.equal(null);
      }
      if (how === 'is frozen') redis.resume();
      else await redis.start();
      await fresh.has((frames) => frames.filter(isSnapshot).length === 2, 'the full snapshot');
      expect(fresh.ofType('SNAPSHOT')[1]?.data.capacity).to.include({ level: 'normal' });
      await resumed.has((frames) => numbers(frames).includes(1), 'the missed event');
      await publish(2);
      for (const socket of [fresh, resumed]) {
        await socket.has((frames) => numbers(frames).includes(2), 'the live event');
        expect(brokenPlaces(socket.frames)).to.deep.equal([]);
      }
      expect(numbers(resumed.frames)).to.deep.equal([1, 2]);
      expect(resumed.ofType('SNAPSHOT')).to.have.length(how === 'is frozen' ? 1 : 2);
    });

  it('get a new snapshot when Redis has lost its data, and go on', async () => {
    const socket = rig.connect(gateway, userId);
    await socket.greeted();
    await publish(1);
    await socket.has((frames) => numbers(frames).includes(1), 'the first event');
    await redis.command('FLUSHALL');
    await redis.kill();
    await redis.start();
    await socket.has((frames) => frames.filter(({ type }) => type === 'SNAPSHOT').length === 2, 'a second snapshot');
    await publish(2);
    await socket.has((frames) => numbers(frames).includes(2), 'the next event');
    expect(numbers(socket.frames)).to.deep.equal([1, 2]);
  });

  it('are accepted while Redis is frozen, and are live when it goes on', async () => {
    const before = rig.connect(gateway, userId);
    await before.greeted();
    redis.pause();
    try {
      const socket = rig.connect(gateway, userId);
      await socket.greeted();
      redis.resume();
      await socket.has((frames) => frames.filter(({ type }) => type === 'SNAPSHOT').length === 2, 'the full snapshot');
      await publish(1);
      for (const each of [before, socket]) await each.has((frames) => numbers(frames).includes(1), 'the event');
    } finally {
      redis.resume();
    }
  });

  it('are resumed without Postgres; fresh ones wait for their snapshot and miss nothing', async function () {
    this.timeout(30_000);
    const first = rig.connect(gateway, userId);
    const { epoch } = await first.greeted();
    await first.close();
    await publish(1);
    await postgres.kill();
    const resumed = rig.connect(gateway, userId, { query: `?epoch=${epoch}&offset=0` });
    await resumed.has((frames) => numbers(frames).includes(1), 'the missed event');
    const fresh = rig.connect(gateway, userId);
    await publish(2);
    await resumed.has((frames) => numbers(frames).includes(2), 'the live event');
    expect(fresh.frames).to.deep.equal([]);
    await postgres.start();
    await fresh.greeted();
    await publish(3);
    await fresh.has((frames) => numbers(frames).includes(3), 'the live event');
    expect(fresh.frames[0]).to.deep.include({ type: 'SNAPSHOT', offset: 2 });
    expect(numbers(resumed.frames)).to.deep.equal([1, 2, 3]);
  });
});
