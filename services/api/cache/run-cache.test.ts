import { expect } from 'chai';
import type { RunRow } from '../../../db/repositories/run-row.ts';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { HeldRecord, runRow } from '../../../tests/support/api/held-record.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { RunCache } from './run-cache.ts';

describe('RunCache', function () {
  this.timeout(20_000);
  let server: PrivateRedis;
  let record: HeldRecord;
  let run: RunRow;
  let replicas: Array<{ redis: RedisStore; cache: RunCache; count: (outcome: string) => Promise<number> }>;

  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  const replica = async (seconds = 10) => {
    const redis = createRedisStore({ url: server.url, prefix: 'test:cache', log: recordedLog() });
    await redis.connections.ready();
    const metrics = createMetrics().cache;
    const { runMarks: marks, connections } = redis;
    const cache = new RunCache({ runs: record, marks, connections, metrics, log: recordedLog(), seconds });
    await cache.start();
    const made = {
      redis,
      cache,
      count: (outcome: string) => metricValue(metrics.requests, { cache: 'run', outcome }),
    };
    replicas.push(made);
    return made;
  };
  /** What every change does: first the record, then the mark. */
  const change = async (redis: RedisStore, changes: Partial<RunRow>) => {
    record.rows.set(run.id, { ...(record.rows.get(run.id) ?? run), ...changes });
    await redis.runMarks.remove([run.id]);
  };
  const statusAt = async ({ cache }: { cache: RunCache }) => (await cache.get(run.id))?.run.status;

  beforeEach(() => {
    replicas = [];
    record = new HeldRecord();
    run = runRow();
    record.rows.set(run.id, run);
  });
  afterEach(async () => {
    server.resume();
    for (const { cache, redis } of replicas) {
      await cache.stop();
      await redis.close();
    }
  });

  it('reads a run once for all who ask, until it changes', async () => {
    const one = await replica();
    await Promise.all([statusAt(one), statusAt(one), statusAt(one)]);
    expect(await statusAt(one)).to.equal('running');
    expect(record.reads).to.equal(1);
    await change(one.redis, { status: 'succeeded' });
    expect(await statusAt(one)).to.equal('succeeded');
    expect(record.reads).to.equal(2);
    expect([await one.count('hit'), await one.count('miss')]).to.deep.equal([3, 2]);
  });

  it('what another replica has changed is not shown again, also to who writes the id in capitals', async () => {
    const [one, two] = [await replica(), await replica()];
    await one.cache.get(run.id.toUpperCase());
    await statusAt(one);
    await change(two.redis, { status: 'failed' });
    expect((await one.cache.get(run.id.toUpperCase()))?.run.status).to.equal('failed');
    expect(await statusAt(one)).to.equal('failed');
  });

  it('a read that a change has overtaken answers who asked, and nobody after', async () => {
    const [one, two] = [await replica(), await replica()];
    const held = record.holdNext();
    const overtaken = statusAt(one);
    await held.found;
    await change(two.redis, { status: 'succeeded' });
    expect(await statusAt(two)).to.equal('succeeded');
    const after = statusAt(one);
    held.release();
    expect(await overtaken).to.equal('running');
    expect(await after).to.equal('succeeded');
    expect(await statusAt(one)).to.equal('succeeded');
  });

  it('shows a run no longer than its time, whatever was not told', async () => {
    const one = await replica(0.0505);
    await statusAt(one);
    record.rows.set(run.id, { ...run, status: 'cancelled' });
    await until(async () => (await statusAt(one)) === 'cancelled', {
      timeoutMs: 5_000,
      what: 'the run to be read again',
    });
  });

  it('does not remember that there is no such run', async () => {
    const one = await replica();
    record.rows.delete(run.id);
    expect(await one.cache.get(run.id)).to.equal(null);
    record.rows.set(run.id, run);
    expect(await statusAt(one)).to.equal('running');
  });

  it('does not keep a run that is larger than many', async () => {
    const one = await replica();
    record.rows.set(run.id, { ...run, result: 'x'.repeat(300_000) });
    await statusAt(one);
    await statusAt(one);
    expect(await one.count('miss')).to.equal(2);
  });

  it('switched off, asks Postgres each time and Redis never', async () => {
    const off = await replica(0);
    await statusAt(off);
    await statusAt(off);
    expect(await off.count('bypass')).to.equal(2);
    expect(await off.redis.connections.command.exists(`test:cache:{runs}:mark:${run.id}`)).to.equal(0);
  });

  it('a failed read is not kept', async () => {
    const one = await replica();
    const { get } = record;
    record.get = async () => {
      throw new Error('Postgres is away');
    };
    const failed = await statusAt(one).catch((error: Error) => error.message);
    record.get = get;
    expect(failed).to.equal('Postgres is away');
    expect(await statusAt(one)).to.equal('running');
  });

  it('asks Postgres while Redis is frozen, and afterwards does not show what it knew before', async () => {
    const one = await replica();
    await statusAt(one);
    server.pause();
    record.rows.set(run.id, { ...run, status: 'succeeded' });
    const begun = performance.now();
    expect(await statusAt(one)).to.equal('succeeded');
    expect(performance.now() - begun).to.be.lessThan(900);
    await statusAt(one);
    server.resume();
    const hits = await one.count('hit');
    const seen = new Set<string | undefined>();
    await until(
      async () => {
        // The mark still stands: nobody could remove it.
        seen.add(await statusAt(one));
        return (await one.count('hit')) > hits;
      },
      { timeoutMs: 8_000, what: 'runs to be shown from memory again' },
    );
    expect([...seen]).to.deep.equal(['succeeded']);
  });

  it('the same when it noticed the outage by its connection alone', async () => {
    const one = await replica();
    await statusAt(one);
    const down = new Promise<void>((resolve) => one.redis.connections.once('down', resolve));
    await server.kill();
    await down;
    record.rows.set(run.id, { ...run, status: 'succeeded' });
    await server.start();
    await one.redis.connections.ready(10_000);
    expect(await statusAt(one)).to.equal('succeeded');
  });
});
