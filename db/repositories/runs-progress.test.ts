import { expect } from 'chai';
import { DatabaseRig } from '../../tests/support/db/database-rig.ts';
import type { Finish } from './runs-progress.ts';

describe('the writes of a worker', () => {
  let rig: DatabaseRig;

  before(async () => {
    rig = await DatabaseRig.open();
  });
  after(() => rig.close());

  const claimed = async () => {
    const id = await rig.oneQueued();
    await rig.claim(id);
    return id;
  };
  const success = (runId: string, attempt = 1): Finish => ({
    runId,
    attempt,
    status: 'succeeded',
    result: { a: 1 },
    error: null,
  });
  const failure = (runId: string, attempt = 1): Finish => ({
    runId,
    attempt,
    status: 'failed',
    result: null,
    error: { code: 'step_failed', reason: 'It did not work.', step: 'first' },
  });

  it('keep the output of each step and move the run on', async () => {
    const id = await claimed();
    const startedAt = new Date(Date.now() - 1_234);
    const checkpoint = {
      runId: id,
      attempt: 1,
      index: 0,
      name: 'first',
      type: 'llm',
      output: { text: 'ü' },
      usage: { tokens: 3 },
      startedAt,
    } as const;
    expect(await rig.db.runs.checkpoint(checkpoint)).to.equal(true);
    expect(await rig.checkpoint(id, 1, 1, null)).to.equal(true);
    const steps = await rig.db.runs.steps(id);
    expect(steps[0]).to.deep.include(checkpoint);
    expect(steps[0]?.finishedAt).to.be.instanceOf(Date);
    expect(steps[1]).to.deep.include({ index: 1, name: 'second', output: null, usage: null });
    expect((await rig.db.runs.get(id))?.currentStep).to.equal(2);
  });

  it('can be repeated: the first output stands, and the state of a later step with it', async () => {
    const id = await claimed();
    await rig.checkpoint(id, 1, 0, 'first time');
    await rig.db.runs.saveStepState(id, 1, { of: 'second' });
    expect(await rig.checkpoint(id, 1, 0, 'second time')).to.equal(true);
    expect((await rig.db.runs.steps(id)).map((step) => step.output)).to.deep.equal(['first time']);
    expect(await rig.db.runs.get(id)).to.deep.include({ currentStep: 1, stepState: { of: 'second' } });
  });

  it('forget the state of a step with its checkpoint', async () => {
    const id = await claimed();
    expect(await rig.db.runs.saveStepState(id, 1, { until: 5 })).to.equal(true);
    await rig.checkpoint(id, 1, 0);
    expect((await rig.db.runs.get(id))?.stepState).to.equal(null);
  });

  it('save no state for a step that is over, when told which it belongs to', async () => {
    const id = await claimed();
    await rig.checkpoint(id, 1, 0);
    expect(await rig.db.runs.saveStepState(id, 1, { of: 'first' }, { step: 0 })).to.equal(false);
    expect(await rig.db.runs.saveStepState(id, 1, { of: 'second' }, { step: 1 })).to.equal(true);
    expect((await rig.db.runs.get(id))?.stepState).to.deep.equal({ of: 'second' });
  });

  it('end the run with its result or its reason', async () => {
    const [good, bad] = [await claimed(), await claimed()];
    expect(await rig.db.runs.finish(success(good))).to.equal(true);
    expect(await rig.db.runs.finish(failure(bad))).to.equal(true);
    expect(await rig.db.runs.get(good)).to.deep.include({ status: 'succeeded', result: { a: 1 }, error: null });
    expect(await rig.db.runs.get(bad)).to.deep.include({ status: 'failed', result: null, error: failure(bad).error });
    expect((await rig.db.runs.get(bad))?.finishedAt).to.be.instanceOf(Date);
  });

  it('keep the last step in the commit that ends the run, and end without it what had all its steps', async () => {
    const [whole, bare] = [await claimed(), await claimed()];
    const startedAt = new Date(Date.now() - 1_234);
    const lastStep = { index: 1, name: 'second', type: 'delay', usage: { tokens: 3 }, startedAt } as const;
    for (const id of [whole, bare]) await rig.checkpoint(id, 1, 0);
    await rig.checkpoint(bare, 1, 1, 'second');
    const ending = rig.db.runs.finish({ ...success(whole), lastStep } as Finish);
    expect(await Promise.all([ending, rig.db.runs.finish(success(bare))])).to.deep.equal([true, true]);
    const [, second] = await rig.db.runs.steps(whole);
    const run = await rig.db.runs.get(whole);
    expect(second).to.deep.include({ ...lastStep, output: { a: 1 }, attempt: 1 });
    expect(second?.finishedAt).to.deep.equal(run?.finishedAt);
    expect(run).to.deep.include({ status: 'succeeded', currentStep: 2, stepState: null });
    expect((await rig.db.runs.steps(bare))[1]?.output).to.equal('second');
    expect(await rig.db.runs.get(bare)).to.deep.include({ status: 'succeeded', currentStep: 2 });
  });

  it('keep neither the last step nor the end when another worker has the run, and both once when repeated', async () => {
    const id = await claimed();
    const lastStep = { index: 0, name: 'only', type: 'delay', usage: null, startedAt: new Date() } as const;
    const ending = (attempt: number) => ({ ...success(id, attempt), result: null, lastStep }) as Finish;
    await rig.claim(id);
    expect(await rig.db.runs.finish(ending(1))).to.equal(false);
    expect(await rig.db.runs.steps(id)).to.deep.equal([]);
    expect(await Promise.all([rig.db.runs.finish(ending(2)), rig.db.runs.finish(ending(2))])).to.deep.equal([
      true,
      true,
    ]);
    expect(await rig.db.runs.steps(id)).to.have.length(1);
  });

  it('say true again when a finish that had landed is repeated, and false to any other', async () => {
    const id = await claimed();
    await rig.db.runs.finish(success(id));
    expect(await rig.db.runs.finish(success(id))).to.equal(true);
    expect(await rig.db.runs.finish(failure(id))).to.equal(false);
    expect(await rig.db.runs.finish({ ...success(id), result: { a: 2 } } as Finish)).to.equal(false);
    expect((await rig.db.runs.get(id))?.status).to.equal('succeeded');
  });

  it('land no more once another worker has claimed the run', async () => {
    const id = await claimed();
    await rig.claim(id);
    expect(await rig.checkpoint(id, 1, 0)).to.equal(false);
    expect(await rig.db.runs.saveStepState(id, 1, {})).to.equal(false);
    expect(await rig.db.runs.finish(success(id, 1))).to.equal(false);
    await rig.db.runs.handBack([{ runId: id, attempt: 1 }]);
    expect(await rig.db.runs.steps(id)).to.deep.equal([]);
    expect(await rig.db.runs.get(id)).to.deep.include({
      status: 'running',
      attempt: 2,
      maxAttempts: 3,
      worker: 'worker-1',
    });
    expect(await rig.checkpoint(id, 2, 0)).to.equal(true);
  });

  it('of an old and a new worker in one batch: only the new one’s land', async () => {
    const id = await claimed();
    await rig.claim(id);
    const landed = await Promise.all([
      rig.checkpoint(id, 1, 0, 'old'),
      rig.checkpoint(id, 2, 0, 'new'),
      rig.checkpoint(id, 1, 0, 'old'),
    ]);
    expect(landed).to.deep.equal([false, true, false]);
    expect((await rig.db.runs.steps(id)).map((step) => step.output)).to.deep.equal(['new']);
  });

  it('in one batch: each hears about its own run', async () => {
    const ids = await rig.queued(300);
    await Promise.all(ids.map((id) => rig.claim(id)));
    const fenced = ids.filter((_, index) => index % 3 === 0);
    await Promise.all(fenced.map((id) => rig.claim(id)));
    const landed = await Promise.all(ids.map((id) => rig.checkpoint(id, 1, 0)));
    expect(ids.filter((_, index) => !landed[index])).to.deep.equal(fenced);
    const finished = await Promise.all(ids.map((id) => rig.db.runs.finish(success(id))));
    expect(ids.filter((_, index) => !finished[index])).to.deep.equal(fenced);
  });

  it('cost no attempt when a stopping worker hands its runs back, however often it says so', async () => {
    const id = await rig.oneQueued({ maxAttempts: 1 });
    for (let attempt = 1; attempt <= 3; attempt++) {
      const claim = await rig.claim(id);
      expect(claim).to.deep.include({ kind: 'claimed' });
      expect(claim.run?.attempt).to.equal(attempt);
      await rig.db.runs.handBack([{ runId: id, attempt }]);
      await rig.db.runs.handBack([{ runId: id, attempt }]);
      expect(await rig.db.runs.get(id)).to.deep.include({ status: 'running', maxAttempts: attempt + 1, worker: null });
    }
    await rig.claim(id);
    expect((await rig.claim(id)).kind).to.equal('exhausted');
  });
});
