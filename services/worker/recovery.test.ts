import { expect } from 'chai';
import type { SlotLeases } from '../../redis/slot-leases.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { until } from '../../tests/support/until.ts';
import { type ScriptedServer, scriptedServer } from '../../tests/support/worker/scripted-server.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';
import type { WorkerDeps } from './worker.ts';

const passedOn = (real: SlotLeases): WorkerDeps['slots'] => ({
  take: (seconds, signal, max) => real.take(seconds, signal, max),
  renew: (runs) => real.renew(runs),
  release: (runs) => real.release(runs),
  giveBack: (runs) => real.giveBack(runs),
});
const withoutRelease = (real: SlotLeases): WorkerDeps['slots'] => ({
  ...passedOn(real),
  release: () => Promise.reject(new Error('killed before')),
});
const wait = (name: string, duration = 0): Step => ({ name, type: 'delay', config: { duration } });

describe('a run whose worker goes away', () => {
  let server: ScriptedServer;
  let rig: WorkerRig;

  before(async () => {
    server = await scriptedServer();
    rig = await WorkerRig.start();
  });
  after(async () => {
    await rig.close();
    await server.close();
  });
  beforeEach(() => {
    server.seen.splice(0);
    server.script((response) => response.end());
  });
  afterEach(() => rig.finishTest());

  const call = (name: string): Step => ({ name, type: 'webhook', config: { url: `${server.url}/${name}` } });
  const calls = () => server.seen.map((seen) => seen.url.slice(1));
  const reaches = (id: string, event: string) =>
    until(() => rig.story(id).includes(event), { timeoutMs: 5_000, what: `"${event}"` });

  it('goes on behind the last checkpoint on another worker: each finished step has had its effect once', async () => {
    const first = await rig.worker();
    const id = await rig.submit([call('a'), call('b'), wait('hang', 3_600), call('c')]);
    await reaches(id, 'STEP hang started');
    await first.kill();
    expect(await rig.lapse()).to.deep.equal([id]);
    // As if the hour had passed meanwhile.
    await rig.db.runs.saveStepState(id, 1, { step: 2, wake_at: 0 });
    await rig.worker();
    const run = await rig.ended(id);
    await rig.slotsFree();
    expect(run).to.include({ status: 'succeeded', attempt: 2, worker: 'worker-2' });
    expect(calls()).to.deep.equal(['a', 'b', 'c']);
    expect((await rig.db.runs.steps(id)).map((step) => step.attempt)).to.deep.equal([1, 1, 2, 2]);
    const starts = rig.frames.flatMap((frame) =>
      frame.type === 'WORKFLOW_STARTING' && frame.data.run_id === id ? [frame.data.message] : [],
    );
    expect(starts).to.deep.equal(['Your workflow is starting', 'Your workflow continues after an interruption']);
  });

  it('hands the outputs of the steps before the checkpoint to those after it', async () => {
    server.script((response) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"key":"from a"}'),
    );
    const first = await rig.worker();
    const template: Step = {
      name: 'use',
      type: 'webhook',
      config: { url: `${server.url}/use`, body: '{{steps.a.output.body.key}}' },
    };
    const id = await rig.submit([call('a'), wait('hang', 3_600), template]);
    await reaches(id, 'STEP hang started');
    await first.kill();
    await rig.lapse();
    await rig.db.runs.saveStepState(id, 1, { step: 1, wake_at: 0 });
    await rig.worker();
    await rig.ended(id);
    expect(server.seen.at(-1)?.body).to.equal('"from a"');
  });

  it('waits only the rest of a long delay', async () => {
    const first = await rig.worker();
    const id = await rig.submit([wait('hour', 3_600)]);
    await until(async () => (await rig.run(id)).stepState, { timeoutMs: 5_000, what: 'the stored wake time' });
    await first.kill();
    await rig.lapse();
    const { wake_at } = (await rig.run(id)).stepState as { wake_at: number };
    expect(wake_at - Date.now()).to.be.within(3_590_000, 3_600_000);
    const wakeAt = Date.now() + 300;
    await rig.db.runs.saveStepState(id, 1, { step: 0, wake_at: wakeAt });
    await rig.worker();
    // An hour waited anew would outlast the patience of this.
    expect((await rig.ended(id)).status).to.equal('succeeded');
    // A timer of Node may fire a millisecond early.
    expect(Date.now()).to.be.at.least(wakeAt - 1);
  });

  it('fails after the last attempt allowed, says so, and frees its slot', async () => {
    const id = await rig.submit([wait('hang', 3_600)], { maxAttempts: 2 });
    for (const attempt of [1, 2]) {
      const { kill } = await rig.worker();
      await until(async () => (await rig.run(id)).attempt === attempt, {
        timeoutMs: 5_000,
        what: `attempt ${attempt}`,
      });
      await until(() => rig.story(id).filter((type) => type === 'STEP hang started').length === attempt, {
        timeoutMs: 5_000,
        what: 'the step',
      });
      await kill();
      expect(await rig.lapse()).to.deep.equal([id]);
    }
    const { metrics } = await rig.worker();
    const run = await rig.ended(id);
    await rig.slotsFree();
    await rig.told(id);
    expect(run).to.include({ status: 'failed', attempt: 2 });
    expect(run.error).to.include({ code: 'attempts_exhausted', step: 'hang' });
    expect(rig.story(id).at(-1)).to.equal('WORKFLOW_FAILED');
    expect(await metrics.registry.metrics()).to.include('weir_runs_finished_total{status="failed",workflow="Test"} 1');
  });

  it('that had ended but was not told: the next worker tells the end and frees the slot', async () => {
    const id = await rig.submit([wait('only')]);
    const grant = { grantNo: 1, grantedAt: Date.now() };
    await rig.redis.slots.take(1, new AbortController().signal);
    await rig.db.runs.claim([{ runId: id, worker: 'dies', ...grant }]);
    await rig.redis.slots.renew([{ runId: id, attempt: 1 }]);
    await rig.db.runs.finish({ runId: id, attempt: 1, status: 'succeeded', result: 'the result', error: null });
    expect(rig.story(id)).to.deep.equal([]);
    expect(await rig.lapse()).to.deep.equal([id]);
    await rig.worker();
    await rig.told(id);
    await rig.slotsFree();
    expect(rig.story(id)).to.deep.equal(['WORKFLOW_COMPLETED']);
    expect(rig.frames.at(-1)?.data).to.include({ result: 'the result' });
  });

  it('that had ended and was told, but its slot not freed: the user hears the end once', async () => {
    const first = await rig.worker({ slots: withoutRelease });
    const id = await rig.submit([wait('only')]);
    await rig.told(id);
    await first.kill();
    expect(await rig.lapse()).to.deep.equal([id]);
    await rig.worker();
    await rig.slotsFree();
    expect(rig.story(id).filter((type) => type === 'WORKFLOW_COMPLETED')).to.have.length(1);
  });

  it('is not written to by the old worker once another has it: its writes hit no row and it stops', async () => {
    const zombie = await rig.worker({ renewEveryMs: 3_600_000, concurrency: 1 });
    const answers: Array<() => void> = [];
    server.script((response) => void answers.push(() => response.end()));
    const id = await rig.submit([call('slow'), call('next')]);
    await until(() => answers.length === 1, { timeoutMs: 5_000, what: 'the first call' });
    expect(await rig.lapse()).to.deep.equal([id]);
    const second = await rig.worker();
    await until(() => answers.length === 2, { timeoutMs: 5_000, what: 'the call of the second worker' });
    answers[0]?.();
    await until(() => zombie.worker.runsInHand === 0, { timeoutMs: 5_000, what: 'the zombie to let go' });
    expect(await zombie.metrics.registry.metrics()).to.include('weir_writes_fenced_total 1');
    expect(await rig.db.runs.steps(id)).to.have.length(0);
    expect(second.worker.runsInHand).to.equal(1);
    server.script((response) => response.end());
    answers[1]?.();
    const run = await rig.ended(id);
    await rig.slotsFree();
    expect(run).to.include({ status: 'succeeded', attempt: 2 });
    expect(rig.story(id).filter((type) => type === 'STEP next started')).to.have.length(1);
    expect(rig.story(id).filter((type) => type === 'WORKFLOW_COMPLETED')).to.have.length(1);
  });

  it('is dropped in silence by a worker whose renewal says that another has it', async () => {
    let renewals = 0;
    let frozen = true;
    // The first takes the slot; the others do not reach Redis until it thaws.
    const slots = (real: SlotLeases): WorkerDeps['slots'] => ({
      ...passedOn(real),
      renew: async (runs) => (renewals++ > 0 && frozen ? { kind: 'rebuilding' } : real.renew(runs)),
    });
    const zombie = await rig.worker({ renewEveryMs: 20, slots, concurrency: 1 });
    const id = await rig.submit([wait('hang', 3_600)]);
    await reaches(id, 'STEP hang started');
    await rig.lapse();
    await rig.worker();
    await until(async () => (await rig.run(id)).attempt === 2, { timeoutMs: 5_000, what: 'the second attempt' });
    const told = rig.story(id).length;
    frozen = false;
    await until(() => zombie.worker.runsInHand === 0, { timeoutMs: 5_000, what: 'the zombie to let go' });
    expect(
      rig
        .story(id)
        .slice(told)
        .filter((type) => !type.startsWith('STEP hang started') && type !== 'WORKFLOW_STARTING'),
    ).to.deep.equal([]);
    await rig.cancel(id);
    await rig.slotsFree();
  });
});

describe('a worker that is stopped', () => {
  let rig: WorkerRig;
  before(async () => {
    rig = await WorkerRig.start();
  });
  after(() => rig.close());
  afterEach(() => rig.finishTest());

  const started = (id: string) =>
    until(() => rig.story(id).some((type) => type.endsWith('started')), { timeoutMs: 5_000, what: 'the run to start' });

  it('lets runs end within its grace and takes no new ones', async () => {
    const { worker } = await rig.worker({ graceSeconds: 10 });
    const id = await rig.submit([wait('short', 0.2), wait('more', 0.1)]);
    await started(id);
    const stopped = worker.stop();
    const later = await rig.submit([wait('later')]);
    await stopped;
    expect((await rig.run(id)).status).to.equal('succeeded');
    expect((await rig.run(later)).status).to.equal('queued');
    await rig.worker();
    expect((await rig.ended(later)).attempt).to.equal(1);
    await rig.slotsFree();
  });

  it('hands back what cannot end in time: another goes on from the checkpoint at once, at the cost of no attempt', async () => {
    const first = await rig.worker();
    const id = await rig.submit([wait('done'), wait('long', 3)], { maxAttempts: 1 });
    await until(() => rig.story(id).includes('STEP long started'), { timeoutMs: 5_000, what: 'the second step' });
    await rig.worker();
    const start = performance.now();
    await first.worker.stop();
    expect(performance.now() - start).to.be.below(5_000);
    const run = await rig.ended(id);
    await rig.slotsFree();
    expect(run).to.include({ status: 'succeeded', attempt: 2, worker: 'worker-2' });
    expect(rig.story(id).filter((type) => type === 'STEP done started')).to.have.length(1);
    expect((await rig.db.runs.steps(id)).map((step) => step.attempt)).to.deep.equal([1, 2]);
  });

  it('stops twice and before it was started without harm', async () => {
    const { worker } = await rig.worker();
    await Promise.all([worker.stop(), worker.stop()]);
    await worker.stop();
    await (await rig.worker({ start: false })).worker.stop();
  });
});
