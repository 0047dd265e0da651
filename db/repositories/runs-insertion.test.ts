import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import { until } from '../../tests/support/until.ts';
import type { InsertResult } from './runs-insertion.ts';

describe('inserting runs', () => {
  let rig: DatabaseRig;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  const kinds = (results: InsertResult[]) => results.map((result) => result.kind);
  const replayedId = (result: InsertResult | undefined) => (result?.kind === 'replayed' ? result.run.id : undefined);
  const inserted = (result: InsertResult | undefined) => {
    if (result?.kind !== 'inserted') throw new Error(`not inserted: ${result?.kind}`);
    return result;
  };

  it('stores every run of a group as given, queued and untouched', async () => {
    const item = rig.newRun({
      payload: { deep: [{ a: 1 }, null, 'ü "quoted" \\ {,}'], 'k e y': true },
      priority: 'high',
      idempotencyKey: 'the key',
      queueTimeoutSeconds: 12.5,
    });
    const [result] = await rig.db.runs.insertBatch([item]);
    const { seq, acceptedAt, expiresAt } = inserted(result);
    const { queueTimeoutSeconds, ...stored } = item;
    const run = await rig.db.runs.get(item.id);
    expect(run).to.deep.include({ ...stored, seq, status: 'queued', attempt: 0, currentStep: 0 });
    expect(run).to.deep.include({ startNo: null, grantedAt: null, startedAt: null, finishedAt: null, worker: null });
    expect(run).to.deep.include({ stepState: null, result: null, error: null });
    expect(run?.acceptedAt.getTime()).to.equal(acceptedAt);
    expect(run?.expiresAt.getTime()).to.equal(expiresAt);
    expect(expiresAt - acceptedAt).to.equal(queueTimeoutSeconds * 1_000);
  });

  it('gives every run of a mixed group its own workflow, priority and longest wait', async () => {
    const kinds = [
      { priority: 'high' },
      { workflowName: 'two, "2"' },
      { queueTimeoutSeconds: 1 },
      { stepCount: 7 },
    ] as const;
    const items = [0, 1, 2, 3, 2, 1, 0].map((kind) => rig.newRun(kinds[kind]));
    const results = (await rig.db.runs.insertBatch(items)).map(inserted);
    for (const [index, { queueTimeoutSeconds, ...stored }] of items.entries()) {
      const run = await rig.db.runs.get(stored.id);
      expect(run).to.deep.include({ ...stored, seq: results[index]?.seq });
      expect(run?.expiresAt.getTime()).to.equal(results[index]?.expiresAt);
      expect((run?.expiresAt.getTime() ?? 0) - (run?.acceptedAt.getTime() ?? 0)).to.equal(queueTimeoutSeconds * 1_000);
    }
  });

  it('orders a group by its items: one acceptance time in whole milliseconds, rising numbers', async () => {
    const items = Array.from({ length: 250 }, () => rig.newRun());
    const results = (await rig.db.runs.insertBatch(items)).map(inserted);
    const rising = results.every((result, index) => index === 0 || result.seq > (results[index - 1]?.seq ?? 0));
    expect(rising).to.equal(true);
    expect(new Set(results.map((result) => result.acceptedAt)).size).to.equal(1);
    const { rows } = await rig.sql.query(
      `SELECT id FROM runs WHERE id = ANY ($1) AND extract(microseconds FROM accepted_at) % 1000 = 0 ORDER BY accepted_at, seq`,
      [items.map((item) => item.id)],
    );
    expect(rows.map((row) => row.id)).to.deep.equal(items.map((item) => item.id));
  });

  it('answers nothing to an empty group', async () => {
    expect(await rig.db.runs.insertBatch([])).to.deep.equal([]);
  });

  it('gives the same run to the same request under the same key, and refuses another request', async () => {
    const first = rig.newRun({ idempotencyKey: 'once' });
    await rig.db.runs.insertBatch([first]);
    const results = await rig.db.runs.insertBatch([
      rig.newRun(),
      rig.newRun({ idempotencyKey: 'once' }),
      rig.newRun({ idempotencyKey: 'once', requestHash: 'other' }),
      rig.newRun({ idempotencyKey: 'once', userId: 'bob' }),
      rig.newRun({ idempotencyKey: null }),
    ]);
    expect(kinds(results)).to.deep.equal(['inserted', 'replayed', 'key_reused', 'inserted', 'inserted']);
    expect(replayedId(results[1])).to.equal(first.id);
  });

  it('does not take a run without a key for one whose key is "null"', async () => {
    const known = rig.newRun({ idempotencyKey: 'null' });
    await rig.db.runs.insertBatch([known]);
    const results = await rig.db.runs.insertBatch([rig.newRun({ idempotencyKey: 'null' }), rig.newRun()]);
    expect(replayedId(results[0])).to.equal(known.id);
  });

  it('takes the first of several items with one key in one group', async () => {
    const items = ['hash', 'hash', 'other', 'hash'].map((requestHash) =>
      rig.newRun({ idempotencyKey: 'in one', requestHash }),
    );
    const results = await rig.db.runs.insertBatch([rig.newRun(), ...items, rig.newRun()]);
    expect(kinds(results)).to.deep.equal(['inserted', 'inserted', 'replayed', 'key_reused', 'replayed', 'inserted']);
    expect(replayedId(results[2])).to.equal(items[0]?.id);
    expect(replayedId(results[4])).to.equal(items[0]?.id);
  });

  it('gives each item its own number also when items with keys change places', async () => {
    const items = ['z', null, 'a', 'm', null].map((idempotencyKey) => rig.newRun({ idempotencyKey }));
    const results = (await rig.db.runs.insertBatch(items)).map(inserted);
    for (const [index, item] of items.entries())
      expect((await rig.db.runs.get(item.id))?.seq).to.equal(results[index]?.seq);
  });

  it('makes one run of one key when two replicas insert overlapping groups at once, in opposite orders', async () => {
    const other = rig.another();
    for (let round = 0; round < 15; round++) {
      const keys = Array.from({ length: 60 }, (_, index) => `race ${round} ${index}`);
      const group = (order: string[]) => order.map((idempotencyKey) => rig.newRun({ idempotencyKey }));
      const [here, there] = [group(keys), group([...keys].reverse())];
      const answers = await Promise.all([rig.db.runs.insertBatch(here), other.runs.insertBatch(there)]);
      const ids = (items: typeof here, results: InsertResult[]) =>
        new Map(items.map((item, index) => [item.idempotencyKey, replayedId(results[index]) ?? item.id]));
      expect(ids(here, answers[0])).to.deep.equal(new Map([...ids(there, answers[1])].reverse()));
      expect(answers.flatMap(kinds).filter((kind) => kind === 'inserted')).to.have.length(60);
    }
  });

  it('does not dead-lock two groups with the same keys in opposite orders', async () => {
    const other = rig.another();
    const group = (keys: string[]) => keys.map((idempotencyKey) => rig.newRun({ idempotencyKey }));
    await rig.sql.query('BEGIN');
    await rig.sql.query(
      `INSERT INTO runs OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'idempotency_key', 'lock m'))).*
       FROM runs r WHERE user_id = 'ada' LIMIT 1`,
    );
    const answers = Promise.all([
      rig.db.runs.insertBatch(group(['lock a', 'lock m', 'lock z'])),
      other.runs.insertBatch(group(['lock z', 'lock m', 'lock a'])),
    ]);
    await until(async () => (await rig.lockWaits()) === 2, { timeoutMs: 3_000, what: 'both groups to be under way' });
    await rig.sql.query('ROLLBACK');
    expect((await answers).flatMap(kinds).sort()).to.deep.equal([
      ...Array(3).fill('inserted'),
      ...Array(3).fill('replayed'),
    ]);
  });

  it('can be sent again when the answer was lost: the same runs, once', async () => {
    for (const idempotencyKey of [null, 'again']) {
      const items = [rig.newRun(), rig.newRun({ idempotencyKey }), rig.newRun()];
      const first = await rig.db.runs.insertBatch(items);
      expect(await rig.db.runs.insertBatch(items)).to.deep.equal(first);
      const fresh = rig.newRun();
      const mixed = await rig.db.runs.insertBatch([...items, fresh]);
      expect(mixed.slice(0, 3)).to.deep.equal(first);
      expect(inserted(mixed[3]).seq).to.equal((await rig.db.runs.get(fresh.id))?.seq);
    }
  });

  it('keeps a group whole when a stranger put something unstorable into one of its runs', async () => {
    const items = [
      rig.newRun({ payload: { text: 'a\u0000b \ud800' } }),
      rig.newRun({ userId: 'nul\u0000' }),
      rig.newRun(),
    ];
    expect(kinds(await rig.db.runs.insertBatch(items))).to.deep.equal(['inserted', 'inserted', 'inserted']);
    expect((await rig.db.runs.get(items[0]?.id ?? ''))?.payload).to.deep.equal({ text: 'a\ufffdb \ufffd' });
  });

  it('frees the key of a refused run', async () => {
    const refused = rig.newRun({ idempotencyKey: 'refused' });
    await rig.db.runs.insertBatch([refused]);
    await rig.db.runs.removeRefused([refused.id]);
    expect(await rig.db.runs.get(refused.id)).to.equal(null);
    expect(kinds(await rig.db.runs.insertBatch([rig.newRun({ idempotencyKey: 'refused' })]))).to.deep.equal([
      'inserted',
    ]);
  });

  it('inserts after all when the run that had the key is refused in the same moment', async () => {
    const other = rig.another();
    for (let round = 0; round < 20; round++) {
      const idempotencyKey = `vanishing ${round}`;
      const first = rig.newRun({ idempotencyKey });
      await rig.db.runs.insertBatch([first]);
      const [results] = await Promise.all([
        rig.db.runs.insertBatch([rig.newRun({ idempotencyKey })]),
        other.runs.removeRefused([first.id]),
      ]);
      expect(kinds(results)[0]).to.be.oneOf(['inserted', 'replayed']);
    }
  });

  it('removes no run with a key that a repeat has been promised, and says which runs stay', async () => {
    const [promised, keyed, plain] = [
      rig.newRun({ idempotencyKey: 'promised' }),
      rig.newRun({ idempotencyKey: 'keyed' }),
      rig.newRun(),
    ];
    await rig.db.runs.insertBatch([promised, keyed, plain]);
    expect(await rig.db.runs.promise(promised.id)).to.include({ id: promised.id, status: 'queued' });
    const ids = [promised.id, keyed.id, plain.id];
    expect(await rig.db.runs.removeRefused(ids)).to.deep.equal([promised.id]);
    // Sent again because its answer was lost.
    expect(await rig.db.runs.removeRefused(ids)).to.deep.equal([promised.id]);
    for (const id of [keyed.id, plain.id]) expect(await rig.db.runs.get(id)).to.equal(null);
  });

  it('either promises a run or removes it, when both happen in the same moment', async () => {
    const other = rig.another();
    for (let round = 0; round < 20; round++) {
      const run = rig.newRun({ idempotencyKey: `contested ${round}` });
      await rig.db.runs.insertBatch([run]);
      const [promised, staying] = await Promise.all([rig.db.runs.promise(run.id), other.runs.removeRefused([run.id])]);
      const stored = await rig.db.runs.get(run.id);
      expect([staying.length, stored === null]).to.deep.equal(promised === null ? [0, true] : [1, false]);
    }
  });

  it('promises only what waits for its first worker', async () => {
    const [running, cancelled] = (await rig.queued(2)) as [string, string];
    await rig.claim(running);
    await rig.db.runs.cancel(cancelled, null);
    for (const id of [running, cancelled, randomUUID()]) expect(await rig.db.runs.promise(id)).to.equal(null);
  });

  it('removes only what never left the queue', async () => {
    const [waiting, running, ended, retried] = (await rig.queued(4)) as [string, string, string, string];
    await rig.claim(running);
    await rig.db.runs.cancel(ended, null);
    await rig.claim(retried);
    await rig.db.runs.finish({
      runId: retried,
      attempt: 1,
      status: 'failed',
      result: null,
      error: { code: 'x', reason: 'y', step: null },
    });
    await rig.db.runs.retry(retried, null, { maxAttempts: 3, queueTimeoutSeconds: 300 });
    await rig.db.runs.removeRefused([waiting, running, ended, retried, randomUUID()]);
    expect(await rig.db.runs.get(waiting)).to.equal(null);
    for (const id of [running, ended, retried]) expect(await rig.db.runs.get(id)).not.to.equal(null);
  });
});
