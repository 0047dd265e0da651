import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import type { Database } from '../database.ts';

describe('reading runs', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  it('pages through all runs, newest first, none twice and none missing, while others arrive and change', async () => {
    const ids = await rig.queued(25);
    const seen: string[] = [];
    let before: number | undefined;
    for (;;) {
      const page = await rig.db.runs.list({ userId: 'ada', limit: 4, ...(before === undefined ? {} : { before }) });
      seen.push(...page.map((run) => run.id));
      before = page.at(-1)?.seq;
      if (before === undefined) break;
      await rig.queued(3);
      for (const run of page) await rig.db.runs.cancel(run.id, null);
      const next = ids[ids.length - seen.length - 1];
      if (next !== undefined) await rig.claim(next);
    }
    expect(seen).to.deep.equal([...ids].reverse());
  });

  it('lists by owner and by status, alone and together', async () => {
    const [cancelled, queued] = (await rig.queued(2)) as [string, string];
    const foreign = await rig.oneQueued({ userId: 'bob' });
    await rig.db.runs.cancel(cancelled, null);
    const list = async (filter: Partial<Parameters<typeof rig.db.runs.list>[0]>) =>
      (await rig.db.runs.list({ userId: null, limit: 10, ...filter })).map((run) => run.id);
    expect(await list({})).to.deep.equal([foreign, queued, cancelled]);
    expect(await list({ userId: 'ada' })).to.deep.equal([queued, cancelled]);
    expect(await list({ status: 'queued' })).to.deep.equal([foreign, queued]);
    expect(await list({ userId: 'ada', status: 'cancelled' })).to.deep.equal([cancelled]);
    expect(await list({ userId: 'ada', limit: 1 })).to.deep.equal([queued]);
    expect(await list({ userId: 'nobody' })).to.deep.equal([]);
    const running = await rig.oneQueued();
    await rig.claim(running);
    expect(await list({ status: 'running' })).to.deep.equal([running]);
    expect(await list({ limit: 2 })).to.deep.equal([running, foreign]);
  });

  it('shows what a user has queued and running, newest first, at most a hundred', async () => {
    const ids = await rig.queued(104);
    await rig.claim(ids[103] as string);
    await rig.db.runs.cancel(ids[102] as string, null);
    await rig.oneQueued({ userId: 'bob' });
    const active = await rig.db.runs.active('ada');
    expect(active.map((run) => run.id)).to.deep.equal([...ids.slice(3, 102), ids[103]].reverse());
  });

  it('finds runs by their ids', async () => {
    const ids = await rig.queued(3);
    const found = await rig.db.runs.getMany([...ids, randomUUID()]);
    expect(found.map((run) => run.id)).to.have.members(ids);
    expect(await rig.db.runs.getMany([])).to.deep.equal([]);
    expect(await rig.db.runs.get(randomUUID())).to.equal(null);
  });

  it('knows how long the run has waited that was accepted first of those that wait', async () => {
    expect(await rig.db.runs.longestWait()).to.equal(0);
    const [first, second] = (await rig.queued(2)) as [string, string];
    const age = (id: string, seconds: number) =>
      rig.sql.query(`UPDATE runs SET accepted_at = accepted_at - $2 * interval '1 second' WHERE id = $1`, [
        id,
        seconds,
      ]);
    await age(first, 20);
    await age(second, 90);
    expect(await rig.db.runs.longestWait()).to.be.within(90, 95);
    await rig.claim(second);
    expect(await rig.db.runs.longestWait()).to.be.within(20, 25);
    await rig.db.runs.cancel(first, null);
    expect(await rig.db.runs.longestWait()).to.equal(0);
  });

  it('reads a page by short index ranges, however long the history and rare the status', async () => {
    await rig.sql.query(
      `INSERT INTO runs (id, workflow_id, accepted_at, expires_at, updated_at, max_attempts, step_count, priority, user_id, workflow_name,
                         request_hash, correlation_id, payload, status)
       SELECT gen_random_uuid(), $1, now(), now(), now(), 3, 2, 'normal', 'ada', 'w', 'h', 'c', '{}', 'succeeded' FROM generate_series(1, 20000)`,
      [rig.workflowId],
    );
    await rig.sql.query('ANALYZE runs');
    expect(await rig.rowsRead((db) => db.runs.active('ada'))).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.list({ userId: 'ada', status: 'failed', limit: 20 }))).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.list({ userId: null, status: 'failed', limit: 20 }))).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.list({ userId: 'ada', limit: 20 }))).to.equal(20);
    expect(await rig.rowsRead((db) => db.runs.list({ userId: null, limit: 20 }))).to.equal(20);
    expect(await rig.rowsRead((db) => db.runs.runningAll())).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.queuedAll({ limit: 10 }))).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.longestWait())).to.equal(0);
    expect(await rig.rowsRead((db) => db.runs.maxStartNo())).to.be.at.most(1);
  });

  it('finds a key by one index entry, also of a user with a long history among many with a short one', async () => {
    const insert = (key: string, users: number, runs: number) =>
      rig.sql.query(
        `INSERT INTO runs (id, workflow_id, accepted_at, expires_at, updated_at, max_attempts, step_count, priority, user_id, workflow_name,
                           request_hash, correlation_id, payload, idempotency_key)
         SELECT gen_random_uuid(), $1, now(), now(), now(), 3, 2, 'normal', CASE $3::integer WHEN 1 THEN 'ada' ELSE 'user ' || n END, 'w', 'hash', 'c',
                '{}', $2 || n FROM generate_series(1, $4::integer) AS n`,
        [rig.workflowId, key, users, runs],
      );
    await insert('short', 2_000, 2_000);
    await rig.sql.query('ANALYZE runs');
    await insert('long', 1, 3_000);
    const replay = (db: Database) =>
      db.runs.insertBatch([rig.newRun({ idempotencyKey: 'long7' }), rig.newRun({ idempotencyKey: 'long8' })]);
    expect(await rig.rowsRead(replay)).to.be.at.most(10);
  });

  it('finds given runs by their ids also when the statistics say that reading all running ones would be cheap', async () => {
    const given = await rig.queued(4);
    await rig.sql.query('ANALYZE runs');
    await rig.sql.query(
      `INSERT INTO runs (id, workflow_id, accepted_at, expires_at, updated_at, max_attempts, step_count, priority, user_id, workflow_name,
                         request_hash, correlation_id, payload, status)
       SELECT gen_random_uuid(), $1, now(), now(), now(), 3, 2, 'normal', 'ada', 'w', 'h', 'c', '{}', status
       FROM generate_series(1, 3000), unnest(ARRAY['running', 'queued', 'failed']) AS status`,
      [rig.workflowId],
    );
    const few = (work: (db: Database, id: string) => Promise<unknown>) =>
      rig.rowsRead((db) => Promise.all(given.map((id) => work(db, id))));
    const step = { name: 'first', type: 'delay', output: 1, usage: null, startedAt: new Date() } as const;
    const again = { maxAttempts: 3, queueTimeoutSeconds: 60 };
    const error = { code: 'x', reason: 'y', step: null };
    const works: Array<(db: Database, id: string) => Promise<unknown>> = [
      (db, id) => db.runs.promise(id),
      (db, id) => db.runs.claim([rig.grant(id)]),
      (db, id) => db.runs.checkpoint({ runId: id, attempt: 1, index: 0, ...step }),
      (db, id) => db.runs.saveStepState(id, 1, {}),
      (db, id) => db.runs.handBack([{ runId: id, attempt: 1 }]),
      (db, id) => db.runs.finish({ runId: id, attempt: 1, status: 'failed', result: null, error }),
      (db, id) => db.runs.retry(id, 'ada', again),
      (db, id) => db.runs.undoRetry(id),
      (db, id) => db.runs.retry(id, 'ada', again),
      (db, id) => db.runs.timeOut([id]),
      (db, id) => db.runs.cancel(id, 'ada'),
      (db, id) => db.runs.removeRefused([id]),
    ];
    for (const [index, work] of works.entries()) expect(await few(work), `statement ${index}`).to.be.at.most(20);
  });
});
