import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import pg from 'pg';
import { WeirError } from '../shared/errors/weir-error.ts';
import { createMetrics, type Metrics } from '../shared/observability/metrics.ts';
import { DatabaseRig } from '../tests/support/db/database-rig.ts';
import { startPostgres, type TestPostgres } from '../tests/support/postgres.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { until } from '../tests/support/until.ts';
import { createDatabase, type Database } from './database.ts';
import { migrateToLatest } from './migrate.ts';
import type { NewRun } from './repositories/runs-insertion.ts';

/** What a user may wait before "unavailable" is said; a little room for a busy test machine. */
const WITHIN_MS = 1_300;

describe('the database when Postgres is not there', () => {
  let server: TestPostgres;
  let db: Database;
  let metrics: Metrics;
  let log: ReturnType<typeof recordedLog>;

  before(async () => {
    server = await startPostgres();
    await migrateToLatest(server.url);
  });
  after(() => server.stop());
  beforeEach(() => {
    metrics = createMetrics();
    log = recordedLog();
    db = createDatabase({ WEIR_DATABASE_URL: server.url, WEIR_DATABASE_POOL_SIZE: 4 }, metrics, log);
  });
  afterEach(() => db.close());

  const refusal = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof WeirError)) throw new Error(`not a WeirError: ${error}`, { cause: error });
    expect(error.code).to.equal('storage_unavailable');
    expect(error.retryAfterSeconds).to.be.within(1, 2);
    return { error, ms: performance.now() - begun };
  };
  const answers = async () => {
    await db.ping();
    return true;
  };
  const back = () => until(answers, { timeoutMs: 10_000, what: 'Postgres to answer again' });
  const breakerOpen = async () => (await metrics.postgres.breaker.get()).values[0]?.value;

  it('refuses at once when it is down, does not keep asking, and is back soon after it', async () => {
    await back();
    await server.stop();
    for (let call = 0; call < 3; call++) expect((await refusal(() => db.runs.active('ada'))).ms).to.be.below(WITHIN_MS);
    expect(await breakerOpen()).to.equal(1);
    const { error } = await refusal(() => db.runs.active('ada'));
    expect(String(error.cause)).to.contain('circuit open');

    await server.start();
    await back();
    expect(await db.runs.active('ada')).to.deep.equal([]);
    expect(await breakerOpen()).to.equal(0);
    expect(log.lines.filter((line) => line.message === 'postgres breaker').at(-1)?.fields).to.deep.equal({
      state: 'closed',
    });
  });

  it('says so within a second to everybody who asks while it is frozen, and recovers when it thaws', async () => {
    await Promise.all(Array.from({ length: 4 }, () => db.ping()));
    const thaw = freeze(server);
    try {
      const waits = await Promise.all(Array.from({ length: 50 }, () => refusal(() => db.runs.active('ada'))));
      expect(Math.max(...waits.map((wait) => wait.ms))).to.be.below(WITHIN_MS);
    } finally {
      thaw();
    }
    await back();
  });

  it('does not take the errors of statements for its absence', async () => {
    await db.ping();
    const connections = await sessions(server.url);
    for (let call = 0; call < 5; call++) {
      const error = await db.runs.get('not a uuid').catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(pg.DatabaseError);
    }
    await db.ping();
    expect(await breakerOpen()).not.to.equal(1);
    expect(await sessions(server.url), 'an error costs no connection').to.deep.equal(connections);
  });

  it('survives that the backend of a statement under way dies without a word', async () => {
    const blocker = new pg.Client({ connectionString: server.url });
    blocker.on('error', () => {});
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE runs');
    const pending = refusal(() => db.runs.active('ada'));
    const waiting = async () =>
      (await blocker.query(`SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'runs'::regclass`)).rows[0]?.pid;
    process.kill(await until(waiting, { timeoutMs: 800, what: 'the statement to be under way' }), 'SIGKILL');
    await pending;
    await back();
    await blocker.end();
  });

  it('lands a patient write when it is back', async () => {
    const workflow = await db.workflows.create({ name: 'w', steps: [], createdBy: 'ada' });
    const id = '00000000-0000-4000-8000-000000000001';
    await db.runs.insertBatch([newRun(id, workflow.id)]);
    await db.runs.claim([{ runId: id, worker: 'w', grantNo: 1, grantedAt: Date.now() }]);
    await server.kill();
    const patient = new AbortController().signal;
    const finish = db.runs.finish({ runId: id, attempt: 1, status: 'succeeded', result: 1, error: null }, { patient });
    await refusal(() => db.ping());
    await server.start();
    expect(await finish).to.equal(true);
    expect((await db.runs.get(id))?.status).to.equal('succeeded');
  });

  it('lets a patient write go when its caller stops', async () => {
    await server.stop();
    const stop = new AbortController();
    const write = refusal(() => db.patiently(stop.signal, () => db.epochs.next()));
    await refusal(() => db.ping());
    stop.abort();
    await write;
    await server.start();
  });

  it('closes although nobody answers, and twice', async () => {
    await db.ping();
    const thaw = freeze(server);
    try {
      const pending = refusal(() => db.ping());
      await Promise.all([db.close(), db.close(), pending]);
    } finally {
      thaw();
    }
  });
});

describe('the database under a stuck table', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
    await rig.sql.query('BEGIN');
    await rig.sql.query('LOCK TABLE runs');
  });
  afterEach(() => rig.close());

  const insert = () => rig.db.runs.insertBatch([rig.newRun()]);
  const unknown = (error: unknown) =>
    expect(error).to.be.instanceOf(WeirError).and.have.property('code', 'outcome_unknown');
  const refused = (error: unknown) =>
    expect(error).to.be.instanceOf(WeirError).and.have.property('code', 'storage_unavailable');
  const reasonOf = (work: Promise<unknown>) => work.catch((reason: unknown) => reason);

  it('gives up the statement but not the service: other tables answer, and nothing is left over', async () => {
    unknown(await reasonOf(insert()));
    expect(await rig.db.workflows.list({ limit: 1 })).to.have.length(1);
    await rig.sql.query('COMMIT');
    expect((await insert())[0]?.kind).to.equal('inserted');
  });

  it('says that nothing happened of a question, of a change that never left, and of one that Postgres has undone', async () => {
    const { runs } = rig.db;
    await rig.sql.query('ROLLBACK');
    const id = await rig.oneQueued();
    await rig.sql.query('BEGIN');
    await rig.sql.query('LOCK TABLE runs');

    const undone = reasonOf(runs.cancel(id, null));
    await until(async () => (await rig.lockWaits()) === 1, { timeoutMs: 3_000, what: 'the cancel to be under way' });
    await rig.sql.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
    refused(await undone);
    await rig.db.ping();

    const [one, two, three] = await Promise.all(
      [runs.get(id), runs.cancel(id, null), runs.setPriority(id, 'high')].map(reasonOf),
    );
    refused(one);
    unknown(two);
    unknown(three);
    // By then the breaker is open.
    refused(await reasonOf(runs.cancel(id, null)));
    await rig.sql.query('COMMIT');
  });

  it('survives that its connection is cut in the middle of a statement', async () => {
    const error = reasonOf(insert());
    await until(async () => (await rig.lockWaits()) === 1, { timeoutMs: 3_000, what: 'the insert to be under way' });
    await rig.sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`);
    // Cut while it commits, it would be done.
    unknown(await error);
    await rig.sql.query('COMMIT');
    expect((await insert())[0]?.kind).to.equal('inserted');
  });
});

/** Backends that serve this service's pool. */
async function sessions(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'weir' ORDER BY pid`);
  await client.end();
  return rows.map((row) => row.pid);
}

/** Stops the server and every backend of it where they stand; connections stay open. Answers how to go on. */
function freeze(server: TestPostgres): () => void {
  server.pause();
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const children = processes
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === server.pid)
    .map(([pid]) => pid as number);
  for (const pid of children) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of children) process.kill(pid, 'SIGCONT');
    server.resume();
  };
}

function newRun(id: string, workflowId: string): NewRun {
  return {
    id,
    userId: 'ada',
    workflowId,
    workflowName: 'w',
    stepCount: 0,
    priority: 'normal',
    payload: {},
    requestHash: 'h',
    idempotencyKey: null,
    correlationId: 'c',
    maxAttempts: 3,
    queueTimeoutSeconds: 300,
  };
}
