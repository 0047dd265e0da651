import { expect } from 'chai';
import pg from 'pg';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { startPostgres, type TestPostgres } from '../../tests/support/postgres.ts';
import { type PrivateRedis, startRedis } from '../../tests/support/redis.ts';
import { until } from '../../tests/support/until.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';
import type { WorkerDeps } from './worker.ts';

const wait = (name: string, duration = 0): Step => ({ name, type: 'delay', config: { duration } });

describe('a worker without Postgres', () => {
  let postgres: TestPostgres;
  let rig: WorkerRig;
  let renewals = 0;

  before(async () => {
    postgres = await startPostgres();
    rig = await WorkerRig.start({ databaseUrl: postgres.url });
  });
  after(async () => {
    await rig.close();
    await postgres.stop();
  });
  afterEach(() => rig.finishTest());

  const counted = (real: SlotLeases): WorkerDeps['slots'] => ({
    take: (seconds, signal, max) => real.take(seconds, signal, max),
    renew: async (runs) => {
      const results = await real.renew(runs);
      renewals += 1;
      return results;
    },
    release: (runs) => real.release(runs),
    giveBack: (runs) => real.giveBack(runs),
  });

  /** Far more than one lease passes, while the worker goes on renewing; the leader must find nothing to rescue. */
  async function manyLeasesPass(): Promise<void> {
    for (let i = 0; i < 8; i++) {
      expect(await rig.tick()).to.deep.equal([]);
      // One may have been on its way before the clock moved.
      const seen = renewals;
      await until(() => renewals >= seen + 2, { timeoutMs: 5_000, what: 'a renewal' });
    }
  }

  it('holds the checkpoint and the lease of a run in hand, and goes on when Postgres is back', async () => {
    const { lines } = await rig.worker({ renewEveryMs: 20, slots: counted });
    const id = await rig.submit([wait('first', 0.3), wait('second')]);
    await until(() => rig.story(id).includes('STEP first started'), { timeoutMs: 5_000, what: 'the first step' });
    await postgres.kill();
    await until(() => lines.length > 0 || renewals > 40, { timeoutMs: 5_000, what: 'some time' });
    await manyLeasesPass();
    await postgres.start();
    const run = await rig.ended(id, 15_000);
    await rig.told(id);
    expect(run).to.include({ status: 'succeeded', attempt: 1 });
    expect(rig.story(id)).to.deep.equal([
      ...[
        'WORKFLOW_STARTING',
        'STEP first started',
        'STEP first succeeded',
        'STEP second started',
        'STEP second succeeded',
      ],
      'WORKFLOW_COMPLETED',
    ]);
    await rig.slotsFree();
  });

  it('leaves runs that it cannot claim in their order, however long, without using up their attempts', async () => {
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push(await rig.submit([wait('only')], { maxAttempts: 1 }));
    await postgres.kill();
    const { worker, lines } = await rig.worker();
    const givesBack = () => lines.some(({ message }) => message.startsWith('runs given back'));
    await until(() => givesBack() && worker.runsInHand === 0, { timeoutMs: 5_000, what: 'the runs to be given back' });
    for (let lease = 0; lease < 8; lease++) expect(await rig.tick()).to.deep.equal([]);
    await postgres.start();
    for (const id of ids) expect(await rig.ended(id, 15_000)).to.include({ status: 'succeeded', attempt: 1 });
    const numbers = (await Promise.all(ids.map((id) => rig.run(id)))).map(({ startNo }) => startNo ?? 0);
    expect(numbers).to.deep.equal(numbers.toSorted((one, other) => one - other));
    await rig.slotsFree();
  });

  it('keeps a run that it may have claimed, however long, without using up its attempts', async () => {
    const id = await rig.submit([wait('only')], { maxAttempts: 1 });
    const locker = new pg.Client({ connectionString: postgres.url });
    await locker.connect();
    await locker.query('BEGIN');
    await locker.query('SELECT FROM runs WHERE id = $1 FOR UPDATE', [id]);
    const { worker } = await rig.worker({ renewEveryMs: 20, slots: counted });
    await until(() => worker.runsInHand === 1, { timeoutMs: 5_000, what: 'the worker to take the run' });
    await manyLeasesPass();
    await locker.end();
    expect(await rig.ended(id, 15_000)).to.include({ status: 'succeeded', attempt: 1 });
    await rig.slotsFree();
  });

  it('loses a run that it cannot claim when Redis loses its data, and the run keeps its number in the order of starts', async () => {
    const runs = { ...rig.db.runs, claim: () => new Promise<never>(() => {}) };
    const cut = await rig.worker({ renewEveryMs: 20, runs, concurrency: 1 });
    const first = await rig.submit([wait('only')]);
    await until(() => cut.worker.runsInHand === 1, { timeoutMs: 5_000, what: 'the worker to take the run' });
    const other = await rig.worker();
    const second = await rig.submit([wait('only')]);
    const { startNo } = await rig.ended(second);
    await until(() => other.worker.runsInHand === 0, { timeoutMs: 5_000, what: 'the second to be released' });
    await rig.losesRedis([first]);
    await rig.ended(first);
    const kept = async () => Number((await rig.run(first)).startNo) < Number(startNo);
    await until(kept, { timeoutMs: 5_000, what: 'the number of its first slot' });
    expect(await rig.run(first)).to.include({ status: 'succeeded', attempt: 1, worker: 'worker-2' });
  });

  it('gives back a run that it could not claim when it stops; another claims it', async () => {
    const id = await rig.submit([wait('only')], { maxAttempts: 1 });
    const runs = { ...rig.db.runs, claim: () => new Promise<never>(() => {}) };
    const { worker } = await rig.worker({ renewEveryMs: 20, runs });
    await until(() => worker.runsInHand === 1, { timeoutMs: 5_000, what: 'the worker to take the run' });
    await worker.stop();
    await rig.worker();
    expect(await rig.ended(id, 15_000)).to.include({ status: 'succeeded', attempt: 1, worker: 'worker-2' });
    await rig.slotsFree();
  });
});

describe('a worker without Redis', () => {
  let redis: PrivateRedis;
  let rig: WorkerRig;

  before(async () => {
    redis = await startRedis();
    rig = await WorkerRig.start({ redisUrl: redis.url });
  });
  after(async () => {
    await rig.close();
    await redis.stop();
  });
  afterEach(() => rig.finishTest());

  for (const how of ['restarts', 'is frozen'] as const) {
    it(`finishes its runs while Redis ${how}; their end is told once, in order, and the slots are free when it is back`, async () => {
      const { lines } = await rig.worker({ renewEveryMs: 50 });
      const id = await rig.submit([wait('first', 1), wait('second', 0.1)]);
      // Not from a frame: the test's own subscription may still be coming back.
      await until(() => lines.some((line) => line.message === 'run started'), {
        timeoutMs: 5_000,
        what: 'the run to start',
      });
      if (how === 'restarts') await redis.stop();
      else redis.pause();
      expect((await rig.ended(id)).status).to.equal('succeeded');
      const gaveUp = () => lines.some((line) => line.message === 'events not sent, trying again');
      await until(gaveUp, { timeoutMs: 5_000, what: 'an event that Redis did not take' });
      if (how === 'restarts') await redis.start();
      else redis.resume();
      await rig.slotsFree();
      const { epoch, offset } = await rig.redis.events.open(rig.user);
      const stored = (await rig.redis.events.history(rig.user, 1)).filter(
        (frame) => 'run_id' in frame.data && frame.data.run_id === id,
      );
      expect(epoch).to.be.a('string');
      expect(stored.at(-1)?.offset).to.equal(offset);
      expect(
        stored.map((frame) =>
          frame.type === 'WORKFLOW_STEP' ? `${frame.data.step} ${frame.data.status}` : frame.type,
        ),
      ).to.deep.equal([
        ...[
          'WORKFLOW_STARTING',
          'first started',
          'first succeeded',
          'second started',
          'second succeeded',
          'WORKFLOW_COMPLETED',
        ],
      ]);
    });
  }

  it('takes runs again when Redis is back, and executes each once', async () => {
    await rig.worker();
    await redis.stop();
    await redis.start();
    await rig.redis.connections.ready();
    const id = await rig.submit([wait('only')]);
    expect(await rig.ended(id)).to.include({ status: 'succeeded', attempt: 1 });
    await rig.slotsFree();
  });
});
