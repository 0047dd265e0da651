import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { full } from '../chaos/faults/redis-faults.ts';
import { startOwnReplica } from '../support/cluster/own-replica.ts';
import { startOrder } from '../support/cluster/run-record.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { oneRun } from './bystander.ts';
import { fillQueue } from './fill-queue.ts';

/** Three for each of the ten connections a replica has to Postgres would be few; this is fifteen. */
const AT_ONCE = 150;
const QUEUE_MAX = 20_000;

/** What a client is told by a server whose disk is full; the real one cannot be had without being root. */
const DISK_FULL = `
  CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100'; END $$;
  CREATE TRIGGER disk_full BEFORE INSERT ON runs EXECUTE FUNCTION disk_full();
  CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON run_steps EXECUTE FUNCTION disk_full();`;
const DISK_FREE = `DROP TRIGGER disk_full ON runs; DROP TRIGGER disk_full ON run_steps; DROP FUNCTION disk_full();`;

describe('when something is used up', function () {
  this.timeout(120_000);
  let stage: Stage;
  let nap: string;
  let pids: Array<number | null>;

  before(async () => {
    const settings = { WEIR_QUEUE_MAX: String(QUEUE_MAX), WEIR_QUEUE_MAX_PER_USER: String(QUEUE_MAX) };
    stage = await Stage.open({ replicas: 2, settings: { ...settings, WEIR_MAX_WORKFLOWS: '50' } });
    nap = await stage.workflow('nap', delayStep('wait', 0.05));
    pids = stage.cluster.replicas.map(({ pid }) => pid);
  });
  after(async () => {
    await stage?.close();
  });
  afterEach(() => {
    expect(
      stage.cluster.replicas.map(({ pid }) => pid),
      'nobody was restarted',
    ).to.deep.equal(pids);
  });

  const isBack = () => oneRun(stage.person('alice'), nap);

  it('answers 150 requests that come to one replica at once, with ten connections to Postgres', async () => {
    const replica = stage.replica(1);
    const people = Array.from({ length: AT_ONCE }, (_, n) => stage.person(`at-once-${n}`));
    await Promise.all(people.map((person) => person.api(replica).listRuns()));
    const tokens = await Promise.all(people.map(({ id }) => stage.cluster.token(id)));
    const answers = await Promise.all(
      people.map(async (person, n) => {
        if (n % 2 === 0) return (await person.start({ workflow_id: nap }, { at: replica })).status;
        const headers = { Authorization: `Bearer ${tokens[n]}` };
        return (await fetch(`${replica.url}/api/v1/runs`, { headers })).status;
      }),
    );
    expect(answers.filter((status) => status !== 200 && status !== 202)).to.deep.equal([]);
  });

  it('refuses starts with 503 while the disk of Postgres is full, keeps what runs, and goes on when there is room', async () => {
    const stepMs = 3_000;
    const two = await stage.workflow('two', delayStep('one', stepMs / 1_000), delayStep('two', 0.1));
    const running = await stage.person('alice').start({ workflow_id: two });
    const state = async () => (await stage.record.runs([running.body.run_id]))[0];
    await until(async () => (await state())?.status === 'running', { timeoutMs: 5_000, what: 'the run to run' });
    await stage.record.query(DISK_FULL);
    try {
      const refused = await stage.person('alice').start({ workflow_id: nap });
      expect(refused.body).to.include({ status: 503, code: 'storage_unavailable' });
      expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
      const isPast = async () => Date.now() > ((await state())?.startedAt ?? Number.POSITIVE_INFINITY) + stepMs + 1_000;
      await until(isPast, { timeoutMs: 10_000, what: 'the first step to be over' });
      expect(await state(), 'it waits with what it has done').to.include({ status: 'running', currentStep: 0 });
    } finally {
      await stage.record.query(DISK_FREE);
    }
    const [ended] = await stage.record.ended([running.body.run_id], 20_000);
    expect(ended).to.include({ status: 'succeeded', attempt: 1 });
    // Each has a breaker of its own.
    for (const at of stage.cluster.replicas)
      await until(async () => (await stage.person('alice').start({ workflow_id: nap }, { at })).status === 202, {
        timeoutMs: 5_000,
        what: `${at.id} to accept starts`,
      });
    await isBack();
  });

  it('takes starts while Redis is full, says so, and starts them in order when there is room', async () => {
    const fault = full(stage.cluster, 0);
    await fault.apply();
    const accepted: string[] = [];
    try {
      for (let n = 0; n < 5; n++) {
        const { status, body } = await stage.person('alice').start({ workflow_id: nap }, { at: stage.replica(n + 1) });
        expect([status, body.queue?.position]).to.deep.equal([202, null]);
        accepted.push(body.run_id);
      }
      await until(async () => (await stage.admin.api().status()).status === 'Degraded', {
        timeoutMs: 10_000,
        what: 'the status to say so',
      });
    } finally {
      await fault.heal();
    }
    const runs = await stage.record.ended(accepted, 30_000);
    expect(runs.map(({ status }) => status)).to.deep.equal(accepted.map(() => 'succeeded'));
    expect(startOrder(runs)).to.deep.equal(accepted);
    await isBack();
  });

  it('serves on when what it logs cannot be written', async () => {
    symlinkSync('/dev/full', join(stage.cluster.logDir, 'mute.log'));
    const mute = await startOwnReplica(stage.cluster, 'mute', { WEIR_LOG_LEVEL: 'debug' });
    let ended = false;
    void mute.exited.then(() => {
      ended = true;
    });
    try {
      for (let n = 0; n < 3; n++) await oneRun(stage.person('alice'), nap, mute);
      expect(ended).to.equal(false);
    } finally {
      mute.signal('SIGTERM');
    }
    expect((await mute.exited).code, 'it ends as others do').to.equal(0);
  });

  it('refuses start 20,001 with a clear error, answers about the 20,000, and goes on as soon as slots are free', async () => {
    const admin = stage.admin.api();
    await admin.patchCapacity({ max_workflows: 0 });
    const queued = await fillQueue(stage, nap, QUEUE_MAX - 5);
    const start = () => stage.person('alice').start({ workflow_id: nap });
    for (let n = 0; n < 5; n++) expect((await start()).body.queue?.position).to.equal(QUEUE_MAX - 4 + n);
    const refused = await start();
    expect(refused.body).to.include({ status: 503, code: 'queue_full' });
    expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
    await until(async () => (await admin.status()).queue.length === QUEUE_MAX, {
      timeoutMs: 5_000,
      what: 'the status, which is read now and then, to say how many wait',
    });
    const page = await stage.person('alice').api().queue();
    expect(page.items.map(({ position }) => position)).to.deep.equal([1, 2, 3, 4, 5].map((n) => QUEUE_MAX - 5 + n));
    await admin.patchCapacity({ max_workflows: 200 });
    const first = queued.slice(0, 200);
    const runs = await stage.record.ended(first, 60_000);
    expect(startOrder(runs)).to.deep.equal(first);
    expect((await start()).status).to.equal(202);
  });
});
