import { expect } from 'chai';
import type { Step } from '../../shared/workflow/definition.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';

const wait = (name: string, duration = 0): Step => ({ name, type: 'delay', config: { duration } });

describe('the last step of a run', () => {
  let rig: WorkerRig;

  before(async () => {
    rig = await WorkerRig.start();
  });
  after(() => rig.close());
  afterEach(() => rig.finishTest());

  it('is stored with the end, in one commit', async () => {
    await rig.worker();
    const id = await rig.submit([wait('first'), wait('last', 0.01)]);
    const run = await rig.ended(id);
    const [first, last] = await rig.db.runs.steps(id);
    expect(last?.finishedAt).to.deep.equal(run.finishedAt);
    expect(first?.finishedAt).to.be.below(run.finishedAt as Date);
    expect(run).to.deep.include({ currentStep: 2, result: last?.output });
  });

  it('that a lost worker had done is not executed again: its output is the result', async () => {
    const id = await rig.submit([wait('first'), wait('last')]);
    await rig.redis.slots.take(1, new AbortController().signal);
    await rig.db.runs.claim([{ runId: id, worker: 'dies', grantNo: 1, grantedAt: Date.now() }]);
    await rig.redis.slots.renew([{ runId: id, attempt: 1 }]);
    for (const [index, name] of ['first', 'last'].entries()) {
      const done = { runId: id, attempt: 1, index, name, type: 'delay', usage: null, startedAt: new Date() } as const;
      await rig.db.runs.checkpoint({ ...done, output: `of ${name}` });
    }
    expect(await rig.lapse()).to.deep.equal([id]);
    await rig.worker();
    expect(await rig.ended(id)).to.include({ status: 'succeeded', result: 'of last', attempt: 2 });
    await rig.told(id);
    await rig.slotsFree();
    expect(rig.story(id)).to.deep.equal(['WORKFLOW_STARTING', 'WORKFLOW_COMPLETED']);
  });
});
