import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { freePort } from '../../services/local/servers/free-port.ts';
import type { WeirError } from '../../shared/errors/weir-error.ts';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import { openDatabase } from '../../tests/support/db/open-database.ts';
import { until } from '../../tests/support/until.ts';

describe('claiming runs', () => {
  let rig: DatabaseRig;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  it('makes a queued run the worker’s, with its definition', async () => {
    const id = await rig.oneQueued();
    const grant = rig.grant(id, 'worker-7');
    const [claimed] = await rig.db.runs.claim([grant]);
    if (claimed?.kind !== 'claimed') throw new Error(claimed?.kind);
    expect(claimed.steps.map((step) => step.name)).to.deep.equal(['first', 'second']);
    expect(claimed.outputs).to.deep.equal({});
    expect(claimed.run).to.deep.include({
      id,
      status: 'running',
      attempt: 1,
      worker: 'worker-7',
      startNo: grant.grantNo,
      error: null,
    });
    expect(claimed.run.grantedAt?.getTime()).to.equal(grant.grantedAt);
    expect(claimed.run).to.deep.equal(await rig.db.runs.get(id));
  });

  it('keeps grant, order and time of the first claim, and counts the attempts', async () => {
    const id = await rig.oneQueued();
    const first = await rig.claim(id);
    const second = await rig.claim(id);
    expect(second.run).to.deep.include({ attempt: 2, startNo: first.run?.startNo });
    expect(second.run?.startedAt).to.deep.equal(first.run?.startedAt);
    expect(second.run?.grantedAt).to.deep.equal(first.run?.grantedAt);
  });

  it('goes on behind the checkpoints and hands over their outputs and the state of the step under way', async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    await rig.checkpoint(id, 1, 0, { text: 'from attempt 1' });
    await rig.db.runs.saveStepState(id, 1, { until: 5 });
    const claimed = await rig.claim(id);
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    expect(claimed.run).to.deep.include({ currentStep: 1, stepState: { until: 5 } });
    expect(claimed.outputs).to.deep.equal({ first: { text: 'from attempt 1' } });
  });

  it('sees the checkpoint it had to wait for', async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    await rig.sql.query('BEGIN');
    await rig.sql.query(`UPDATE runs SET current_step = 1 WHERE id = $1`, [id]);
    await rig.sql.query(
      `INSERT INTO run_steps (run_id, index, name, type, output, attempt, started_at, finished_at) VALUES ($1, 0, 'first', 'delay', '"late"', 1, now(), now())`,
      [id],
    );
    const claim = rig.claim(id);
    await until(async () => (await rig.lockWaits()) > 0, { timeoutMs: 3_000, what: 'the claim to wait for the row' });
    await rig.sql.query('COMMIT');
    const claimed = await claim;
    expect(claimed.kind === 'claimed' && claimed.outputs).to.deep.equal({ first: 'late' });
  });

  it('gives many claims of one run, of several processes, one attempt each; only the last of them can write', async () => {
    const others = [rig.another(), rig.another()];
    const id = await rig.oneQueued({ maxAttempts: 100 });
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, index) => rig.claim(id, [rig.db, ...others][index % 3])),
    );
    const attempts = claims.map((claimed) => claimed.run?.attempt ?? 0).sort((a, b) => a - b);
    expect(attempts).to.deep.equal(Array.from({ length: 30 }, (_, index) => index + 1));
    const landed = await Promise.all(attempts.map((attempt) => rig.checkpoint(id, attempt, 0)));
    expect(attempts.filter((_, index) => landed[index])).to.deep.equal([30]);
  });

  it('answers each of many claims at once with its own run', async () => {
    const ids = await rig.queued(500);
    const claims = await Promise.all(ids.map((id) => rig.claim(id)));
    expect(claims.map((claimed) => claimed.run?.id)).to.deep.equal(ids);
    expect(new Set(claims.map((claimed) => claimed.kind))).to.deep.equal(new Set(['claimed']));
  });

  it('fails a run that has used up its attempts, naming the step it was at, and says so', async () => {
    const id = await rig.oneQueued({ maxAttempts: 2 });
    await rig.claim(id);
    await rig.checkpoint(id, 1, 0);
    await rig.claim(id);
    const claimed = await rig.claim(id);
    expect(claimed.kind).to.equal('exhausted');
    expect(claimed.run).to.deep.include({ status: 'failed', attempt: 2 });
    expect(claimed.run?.finishedAt).to.be.instanceOf(Date);
    expect(claimed.run?.error).to.deep.equal({
      code: 'attempts_exhausted',
      reason: 'The worker of this run was lost too often: attempt 2 was the last one allowed.',
      step: 'second',
    });
    expect(await rig.checkpoint(id, 2, 1), 'the last worker, if it lives after all').to.equal(false);
    expect((await rig.claim(id)).kind).to.equal('gone');
  });

  it('finds nothing to do in a run that has ended or never was', async () => {
    const [done, cancelled, timedOut] = (await rig.queued(3)) as [string, string, string];
    await rig.claim(done);
    await rig.db.runs.finish({ runId: done, attempt: 1, status: 'succeeded', result: 1, error: null });
    await rig.db.runs.cancel(cancelled, null);
    await rig.db.runs.timeOut([timedOut]);
    const claims = await rig.db.runs.claim([done, cancelled, timedOut, randomUUID()].map((id) => rig.grant(id)));
    expect(claims.map((claimed) => [claimed.kind, claimed.run?.status])).to.deep.equal([
      ['gone', 'succeeded'],
      ['gone', 'cancelled'],
      ['gone', 'timed_out'],
      ['gone', undefined],
    ]);
  });

  it('lets exactly one of claim and queue timeout happen', async () => {
    const other = rig.another();
    const ids = await rig.queued(200);
    const [claims, ended] = await Promise.all([
      Promise.all(ids.map((id) => rig.claim(id))),
      other.runs.timeOut(ids.slice().reverse()),
    ]);
    const timedOut = new Set(ended.map((run) => run.id));
    for (const [index, claimed] of claims.entries()) {
      expect(claimed.kind).to.equal(timedOut.has(ids[index] as string) ? 'gone' : 'claimed');
    }
  });

  it('and cancel may come in either order: a cancelled run is not claimed, a claimed one is taken from its worker', async () => {
    const [early, late] = (await rig.queued(2)) as [string, string];
    expect((await rig.db.runs.cancel(early, 'ada'))?.status).to.equal('cancelled');
    expect((await rig.claim(early)).kind).to.equal('gone');

    expect((await rig.claim(late)).kind).to.equal('claimed');
    expect((await rig.db.runs.cancel(late, 'ada'))?.status).to.equal('cancelled');
    expect(await rig.checkpoint(late, 1, 0)).to.equal(false);
    expect((await rig.db.runs.steps(late)).length).to.equal(0);
  });

  it('and cancel at once never leave a cancelled run running', async () => {
    const other = rig.another();
    const ids = await rig.queued(200);
    const [claims] = await Promise.all([
      Promise.all(ids.map((id) => rig.claim(id))),
      Promise.all(
        ids
          .slice()
          .reverse()
          .map((id) => other.runs.cancel(id, null)),
      ),
    ]);
    const runs = await rig.db.runs.getMany(ids);
    expect(new Set(runs.map((run) => run.status))).to.deep.equal(new Set(['cancelled']));
    for (const [index, claimed] of claims.entries()) {
      const landed = await rig.db.runs.saveStepState(ids[index] as string, claimed.run?.attempt ?? 1, {});
      expect(landed).to.equal(false);
    }
  });

  it('keeps the number of a slot that was lost before the run could be claimed, before or after a later claim', async () => {
    for (const order of ['before', 'after'] as const) {
      const id = await rig.oneQueued();
      const [lost, later] = [rig.grant(id), rig.grant(id)];
      if (order === 'before') await rig.db.runs.keepGrantNo(lost);
      await rig.db.runs.claim([later]);
      if (order === 'after') await rig.db.runs.keepGrantNo(lost);
      await rig.db.runs.keepGrantNo(later);
      const run = await rig.db.runs.get(id);
      expect(run, order).to.include({ startNo: lost.grantNo, attempt: 1 });
      expect(run?.grantedAt?.getTime()).to.equal(later.grantedAt);
    }
  });

  it('does not keep the number of a slot from before a retry, nor for a run that never began', async () => {
    const [retried, cancelled] = await rig.queued(2);
    const lost = rig.grant(retried ?? '');
    await rig.claim(retried ?? '');
    const error = { code: 'test', reason: 'broken', step: 'first' };
    await rig.db.runs.finish({ runId: retried ?? '', attempt: 1, status: 'failed', result: null, error });
    await until(() => Date.now() > lost.grantedAt + 1, { timeoutMs: 1_000, what: 'a millisecond to pass' });
    await rig.db.runs.retry(retried ?? '', null, { maxAttempts: 3, queueTimeoutSeconds: 300 });
    await rig.db.runs.cancel(cancelled ?? '', null);
    await rig.db.runs.keepGrantNo(lost);
    await rig.db.runs.keepGrantNo(rig.grant(cancelled ?? ''));
    for (const id of [retried, cancelled]) expect((await rig.db.runs.get(id ?? ''))?.startNo).to.equal(null);
  });

  it('uses up one attempt however often it is sent while Postgres does not answer', async () => {
    const id = await rig.oneQueued();
    await rig.sql.query('BEGIN');
    await rig.sql.query('SELECT FROM runs WHERE id = $1 FOR UPDATE', [id]);
    const stop = new AbortController();
    const claim = rig.another().runs.claim([rig.grant(id)], { patient: stop.signal });
    await until(async () => (await rig.lockWaits()) >= 2, { timeoutMs: 15_000, what: 'the claim to be sent again' });
    await rig.sql.query('COMMIT');
    const [claimed] = await claim;
    expect(claimed?.kind).to.equal('claimed');
    expect(claimed?.run?.attempt).to.equal(1);
    await until(async () => (await rig.lockWaits()) === 0, {
      timeoutMs: 3_000,
      what: 'the claim given up to be done too',
    });
    expect((await rig.db.runs.get(id))?.attempt).to.equal(1);
  }).timeout(30_000);

  it('that Postgres surely has not heard of ends at once, for others to make: where nobody answers, and behind one that hangs', async () => {
    const patient = new AbortController().signal;
    const nowhere = new URL(rig.url);
    nowhere.port = String(await freePort());
    const closed = openDatabase(nowhere.href);
    const codeOf = (claim: Promise<unknown>) => claim.catch((error: unknown) => (error as WeirError).code);
    const [hanging, second, behind] = await rig.queued(3);
    const claim = (id = '', db = closed) => codeOf(db.runs.claim([rig.grant(id)], { patient }));
    expect(await claim(behind)).to.equal('storage_unavailable');
    await closed.close();

    await rig.sql.query('BEGIN');
    await rig.sql.query('SELECT FROM runs WHERE id = ANY ($1) FOR UPDATE', [[hanging, second]]);
    const other = rig.another();
    const hung = [];
    for (const [index, id] of [hanging, second].entries()) {
      hung.push(claim(id, other));
      await until(async () => (await rig.lockWaits()) === index + 1, { timeoutMs: 5_000, what: 'a claim to hang' });
    }
    expect(await claim(behind, other)).to.equal('storage_unavailable');
    expect(await rig.db.runs.get(behind ?? '')).to.include({ status: 'queued', attempt: 0 });
    await rig.sql.query('COMMIT');
    for (const claimed of await Promise.all(hung)) expect(claimed).to.have.nested.property('[0].run.attempt', 1);
  }).timeout(30_000);

  it('of no run is answered when others would be, and waits as they would', async () => {
    await rig.db.runs.claimNothing();
    await rig.sql.query('BEGIN');
    await rig.sql.query('LOCK TABLE runs');
    let answered = false;
    const claim = rig
      .another()
      .runs.claimNothing()
      .then(() => {
        answered = true;
      });
    await until(async () => (await rig.lockWaits()) === 1, { timeoutMs: 5_000, what: 'the claim to wait' });
    expect(answered).to.equal(false);
    await rig.sql.query('COMMIT');
    await claim;
  });
});
