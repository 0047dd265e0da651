import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../redis/store.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../tests/support/redis.ts';
import { until } from '../../tests/support/until.ts';
import { ChangedRuns } from './changed-runs.ts';

const LIFE_MS = 60_000;

describe('ChangedRuns', function () {
  this.timeout(20_000);
  let server: PrivateRedis;
  let store: RedisStore;
  let changed: ChangedRuns;

  beforeEach(async () => {
    server = await startRedis();
    store = createRedisStore({ url: server.url, prefix: 'test:changed', log: recordedLog() });
    changed = new ChangedRuns({ marks: store.runMarks, log: recordedLog() });
    await store.connections.ready();
  });
  afterEach(async () => {
    server.resume();
    await changed.stop();
    await store.close();
    await server.stop();
  });

  it('the marks are gone when it says so', async () => {
    const runs = [randomUUID(), randomUUID()];
    const marks = await Promise.all(runs.map((run) => store.runMarks.of(run, LIFE_MS)));
    await changed.tell(runs);
    const now = await Promise.all(runs.map((run) => store.runMarks.of(run, LIFE_MS)));
    for (const [index, mark] of now.entries()) expect(mark).to.not.equal(marks[index]);
  });

  it('arrives before what is sent to Redis afterwards, also when nobody waits for it', async () => {
    const run = randomUUID();
    const mark = await store.runMarks.of(run, LIFE_MS);
    void changed.tell([run]);
    expect(await store.runMarks.of(run, LIFE_MS)).to.not.equal(mark);
  });

  it('keeps nobody waiting for a Redis that does not answer, and is done when it does', async () => {
    const run = randomUUID();
    const mark = await store.runMarks.of(run, LIFE_MS);
    server.pause();
    const begun = performance.now();
    await changed.tell([run]);
    expect(performance.now() - begun).to.be.lessThan(900);
    server.resume();
    await until(async () => (await store.runMarks.of(run, LIFE_MS)) !== mark, {
      timeoutMs: 5_000,
      what: 'the mark to be removed',
    });
  });

  it('what could not be told while Redis was away is told when it is back', async () => {
    const run = randomUUID();
    const mark = await store.runMarks.of(run, LIFE_MS);
    await server.stop();
    await changed.tell([run]);
    await server.start();
    await store.connections.ready(10_000);
    await until(async () => (await store.runMarks.of(run, LIFE_MS)) !== mark, {
      timeoutMs: 5_000,
      what: 'the mark to be removed',
    });
  });
});
