import { expect } from 'chai';
import type { Database } from '../../db/database.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { TcpProxy } from '../../tests/chaos/links/tcp-proxy.ts';
import { CLEAR } from '../../tests/chaos/links/weather.ts';
import { openDatabase } from '../../tests/support/db/open-database.ts';
import { startPostgres, type TestPostgres } from '../../tests/support/postgres.ts';
import { until } from '../../tests/support/until.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';

const STEPS: Step[] = [{ name: 'only', type: 'delay', config: { duration: 0 } }];

describe('a worker whose line to Postgres is out, beside a sound one', function () {
  this.timeout(30_000);
  let postgres: TestPostgres;
  let rig: WorkerRig;
  let line: TcpProxy;
  let behindLine: Database;

  before(async () => {
    postgres = await startPostgres();
    rig = await WorkerRig.start({ databaseUrl: postgres.url });
    line = await TcpProxy.open(Number(new URL(postgres.url).port));
    const url = new URL(postgres.url);
    url.port = String(line.port);
    behindLine = openDatabase(url.href);
  });
  after(async () => {
    await rig.close();
    await behindLine.close();
    await line.close();
    await postgres.stop();
  });
  afterEach(async () => {
    line.set(CLEAR);
    await rig.finishTest();
  });

  /** `worker-1` behind the line, which has had Postgres and loses it now, and `worker-2`; both wait for runs. */
  async function twoWorkers(weather: 'cut' | 'refused') {
    const cut = await rig.worker({ runs: behindLine.runs });
    await rig.ended(await rig.submit(STEPS));
    await rig.worker();
    const waiting = async () =>
      (await rig.redis.connections.command.info('clients')).match(/blocked_clients:(\d+)/)?.[1] === '2';
    await until(waiting, { timeoutMs: 5_000, what: 'both workers to wait for runs' });
    line.set({ kind: weather });
    return cut;
  }
  async function submit(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await rig.submit(STEPS, { maxAttempts: 1 }));
    return ids;
  }
  const rows = (ids: string[]) => Promise.all(ids.map((id) => rig.run(id)));

  it('gives back what it cannot claim and takes no more, until Postgres answers it again', async () => {
    const cut = await twoWorkers('refused');
    const ids = await submit(10);
    for (const id of ids) await rig.ended(id);
    for (const run of await rows(ids)) expect(run).to.include({ status: 'succeeded', attempt: 1, worker: 'worker-2' });
    expect(cut.worker.runsInHand).to.equal(0);
    const given = cut.lines.filter(({ message }) => message.startsWith('runs given back'));
    expect(given.flatMap(({ fields }) => fields.run_ids)).to.have.length.within(1, 2);
    line.set(CLEAR);
    await until(() => cut.lines.at(-1)?.message === 'takes runs again', {
      timeoutMs: 10_000,
      what: 'it to take again',
    });
  });

  it('keeps only what it had asked Postgres for before it knew: that may be its own, and goes on when the line is mended', async () => {
    const cut = await twoWorkers('cut');
    const ids = await submit(10);
    const left = async () => (await rows(ids)).filter(({ status }) => status !== 'succeeded');
    // Two statements are under way at most, and each has only what was taken before the next.
    await until(async () => (await left()).length <= 2, {
      timeoutMs: 20_000,
      what: 'the sound worker to have the rest',
    });
    const kept = await left();
    expect(kept).to.have.lengthOf(cut.worker.runsInHand);
    const more = await submit(5);
    for (const id of more) await rig.ended(id);
    expect((await left()).map(({ id }) => id)).to.deep.equal(kept.map(({ id }) => id));
    line.set(CLEAR);
    for (const { id } of kept)
      expect(await rig.ended(id)).to.include({ status: 'succeeded', attempt: 1, worker: 'worker-1' });
    for (const run of await rows([...ids, ...more])) expect(run.attempt).to.equal(1);
  });
});
