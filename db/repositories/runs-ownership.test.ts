import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';

describe('what the owner of a run decides', () => {
  let rig: DatabaseRig;
  const error = { code: 'step_failed', reason: 'It did not work.', step: 'second' };
  const again = { maxAttempts: 3, queueTimeoutSeconds: 60 };

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  const failed = async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    await rig.checkpoint(id, 1, 0);
    await rig.db.runs.saveStepState(id, 1, { half: 'done' });
    await rig.db.runs.finish({ runId: id, attempt: 1, status: 'failed', result: null, error });
    return id;
  };

  it('touches only the owner’s runs; an administrator’s touch all', async () => {
    const [queued, broken] = [await rig.oneQueued(), await failed()];
    expect(await rig.db.runs.cancel(queued, 'bob')).to.equal(null);
    expect(await rig.db.runs.retry(broken, 'bob', again)).to.equal(null);
    expect((await rig.db.runs.cancel(queued, 'ada'))?.status).to.equal('cancelled');
    expect((await rig.db.runs.retry(broken, null, again))?.status).to.equal('queued');
  });

  it('cancels once, and nothing that has ended', async () => {
    const id = await rig.oneQueued();
    const run = await rig.db.runs.cancel(id, 'ada');
    expect(run?.finishedAt).to.be.instanceOf(Date);
    expect(await rig.db.runs.cancel(id, 'ada')).to.equal(null);
    expect(await rig.db.runs.cancel(await failed(), 'ada')).to.equal(null);
  });

  it('retries from the last checkpoint, at the end of the line, with attempts of its own', async () => {
    const id = await failed();
    const before = await rig.db.runs.get(id);
    const later = await rig.oneQueued();
    const run = await rig.db.runs.retry(id, 'ada', again);
    expect(run).to.deep.include({
      status: 'queued',
      attempt: 1,
      maxAttempts: 4,
      currentStep: 1,
      stepState: null,
      error: null,
    });
    expect(run).to.deep.include({ startNo: null, grantedAt: null, startedAt: null, finishedAt: null, worker: null });
    expect(run?.seq).to.equal(before?.seq);
    expect(run?.expiresAt.getTime()).to.equal((run?.acceptedAt.getTime() ?? 0) + 60_000);
    expect(run?.acceptedAt.getTime()).to.be.at.least((await rig.db.runs.get(later))?.acceptedAt.getTime() ?? 0);

    const claimed = await rig.claim(id);
    expect(claimed.run).to.deep.include({ attempt: 2, currentStep: 1, error: null });
    expect(claimed.run?.startNo).to.be.greaterThan(before?.startNo ?? 0);
  });

  it('has another priority while it waits, and not when a worker has it', async () => {
    const id = await rig.oneQueued();
    expect(await rig.db.runs.setPriority(id, 'high')).to.deep.include({ id, priority: 'high', status: 'queued' });
    expect((await rig.db.runs.get(id))?.priority).to.equal('high');
    await rig.claim(id);
    expect(await rig.db.runs.setPriority(id, 'low')).to.equal(null);
    expect((await rig.db.runs.get(id))?.priority).to.equal('high');
  });

  it('retries only what has failed', async () => {
    const id = await rig.oneQueued();
    expect(await rig.db.runs.retry(id, 'ada', again)).to.equal(null);
    await rig.claim(id);
    expect(await rig.db.runs.retry(id, 'ada', again)).to.equal(null);
  });

  it('can take back a retry that found no place, with the reason of the failure kept', async () => {
    const id = await failed();
    await rig.db.runs.retry(id, 'ada', again);
    expect(await rig.db.runs.undoRetry(id)).to.deep.include({ status: 'failed', error });
    expect(await rig.db.runs.undoRetry(id)).to.equal(null);
    expect((await rig.db.runs.retry(id, 'ada', again))?.status).to.equal('queued');
  });

  it('does not take back what was never retried or is taken already', async () => {
    const fresh = await rig.oneQueued();
    expect(await rig.db.runs.undoRetry(fresh)).to.equal(null);
    const taken = await failed();
    await rig.db.runs.retry(taken, 'ada', again);
    await rig.claim(taken);
    expect(await rig.db.runs.undoRetry(taken)).to.equal(null);
  });
});
