import { expect } from 'chai';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import { calmState } from '../../../tests/support/api/observations.ts';
import { DatabaseRig } from '../../../tests/support/db/database-rig.ts';
import { openDatabase } from '../../../tests/support/db/open-database.ts';
import { startPostgres } from '../../../tests/support/postgres.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { testRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { type Picture, Sampler } from './sampler.ts';

const SLOT = 1_700_000_000_000;

describe('the sampler', () => {
  let rig: DatabaseRig;
  let store: RedisStore;
  let close: () => Promise<void>;
  let picture: Picture;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
    const redis = await testRedis();
    store = createRedisStore({ ...redis, log: recordedLog() });
    close = redis.close;
    picture = { state: calmState(), components: [{ name: 'api', status: 'operational' }] };
  });
  afterEach(async () => {
    await store.close();
    await close();
    await rig.close();
  });

  const window = (but: Partial<Window>): Window => {
    return { requests: 0, errors: 0, latency: [], started: 0, finished: 0, failed: 0, sockets: 0, ...but };
  };
  const sampler = (
    db = rig.db,
    windows: Pick<RedisStore['windows'], 'read'> = store.windows,
    own: Window | null = null,
  ) =>
    new Sampler({ look: async () => picture, windows, ownWindow: () => own, samples: db.samples, log: recordedLog() });
  const rows = (db = rig.db) => db.samples.read(5, new Date(0), new Date(SLOT + 6_000_000), 1_000);

  it('writes one row a slot of what all replicas did together, however many of them write', async () => {
    await store.windows.publish(SLOT, 'r1', window({ requests: 3, errors: 1, latency: [3], sockets: 2, started: 1 }));
    await store.windows.publish(
      SLOT,
      'r2',
      window({ requests: 4, latency: [0, 4], sockets: 5, finished: 2, failed: 1 }),
    );
    const samplers = Array.from({ length: 4 }, (_, n) => sampler(n === 0 ? rig.db : rig.another()));
    await Promise.all(samplers.map((one) => one.sample(SLOT)));
    await Promise.all(samplers.map((one) => one.sample(SLOT + 5_000)));
    const [first, ...rest] = await rows();
    expect(rest).to.have.length(1);
    expect(first).to.deep.include({
      requests: 7,
      errors: 1,
      latency: [3, 4],
      sockets: 7,
      started: 1,
      finished: 2,
      failed: 1,
    });
    expect(first).to.deep.include({ users: 3, maxUsers: 25, slots: 2, maxSlots: 10, level: 0, seconds: 5 });
  });

  it('says without Redis what its own replica did, that the rest is not known, and what was down', async () => {
    picture = {
      state: null,
      components: [
        { name: 'redis', status: 'down' },
        { name: 'workers', status: 'degraded' },
      ],
    };
    const windows = { read: () => Promise.reject(new Error('away')) };
    await sampler(rig.db, windows, window({ requests: 2, latency: [2] })).sample(SLOT);
    const [row] = await rows();
    expect(row).to.deep.include({
      requests: 2,
      users: null,
      level: null,
      down: [0, 0, 5, 0, 0, 0],
      degraded: [0, 0, 0, 0, 5, 0],
    });
  });

  it('keeps samples while Postgres is away and stores them when it is back', async () => {
    const server = await startPostgres();
    await migrateToLatest(server.url);
    const db = openDatabase(server.url);
    const one = sampler(db);
    await one.sample(SLOT);
    await server.stop();
    picture = { ...picture, components: [{ name: 'postgres', status: 'down' }] };
    // More than are stored at once.
    const missed = 130;
    for (let n = 1; n <= missed; n++) await one.sample(SLOT + n * 5_000);
    await server.start();
    let slot = SLOT + missed * 5_000;
    await until(
      async () => {
        slot += 5_000;
        await one.sample(slot);
        return (await rows(db)).length > missed;
      },
      { timeoutMs: 10_000, what: 'the samples of the outage' },
    );
    const down = (await rows(db)).map((row) => row.down[1]);
    expect(down.slice(0, missed + 1)).to.deep.equal([0, ...Array.from({ length: missed }, () => 5)]);
    await db.close();
    await server.stop();
  });
});
