import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('what the leader asks', () => {
  let rig: DatabaseRig;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
  });
  afterEach(() => rig.close());

  it('reads the queue page by page in the order of acceptance, ties by number, a retried run at its new place', async () => {
    const ids: string[] = [];
    for (let group = 0; group < 5; group++) ids.push(...(await rig.queued(7)));
    const retried = ids[0] as string;
    await rig.claim(retried);
    await rig.db.runs.finish({
      runId: retried,
      attempt: 1,
      status: 'failed',
      result: null,
      error: { code: 'x', reason: 'y', step: null },
    });
    await rig.sql.query('SELECT pg_sleep(0.002)');
    await rig.db.runs.retry(retried, null, { maxAttempts: 3, queueTimeoutSeconds: 300 });
    await rig.claim(ids[1] as string);

    const seen: string[] = [];
    let after: { acceptedAt: Date; seq: number } | undefined;
    for (;;) {
      const page = await rig.db.runs.queuedAll({ limit: 4, ...(after === undefined ? {} : { after }) });
      seen.push(...page.map((run) => run.id));
      after = page.at(-1);
      if (after === undefined) break;
    }
    expect(seen).to.deep.equal([...ids.slice(2), retried]);
  });

  it('reads what is running, oldest first, without the documents', async () => {
    const ids = await rig.queued(5);
    for (const id of [...ids].reverse().slice(0, 3)) await rig.claim(id);
    const running = await rig.db.runs.runningAll();
    expect(running.map((run) => run.id)).to.deep.equal(ids.slice(2));
    expect(running[0]).not.to.have.property('payload');
  });

  it('ends the wait of queued runs only, and says which', async () => {
    const [waiting, running, cancelled] = (await rig.queued(3)) as [string, string, string];
    await rig.claim(running);
    await rig.db.runs.cancel(cancelled, null);
    const ended = await rig.db.runs.timeOut([waiting, running, cancelled]);
    expect(ended.map((run) => [run.id, run.status])).to.deep.equal([[waiting, 'timed_out']]);
    expect(ended[0]?.finishedAt).to.be.instanceOf(Date);
    expect(await rig.db.runs.timeOut([waiting])).to.deep.equal([]);
    expect(await rig.db.runs.timeOut([])).to.deep.equal([]);
  });

  it('knows the highest grant number', async () => {
    expect(await rig.db.runs.maxStartNo()).to.equal(0);
    const [first, second] = (await rig.queued(2)) as [string, string];
    await rig.db.runs.claim([
      { ...rig.grant(first), grantNo: 41 },
      { ...rig.grant(second), grantNo: 17 },
    ]);
    expect(await rig.db.runs.maxStartNo()).to.equal(41);
  });
});
