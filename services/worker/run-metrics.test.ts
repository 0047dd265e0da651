import { expect } from 'chai';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { until } from '../../tests/support/until.ts';
import { WorkerRig } from '../../tests/support/worker/worker-rig.ts';

const wait = (name: string, duration = 0): Step => ({ name, type: 'delay', config: { duration } });
const broken: Step = { name: 'call', type: 'webhook', config: { url: 'http://nowhere.example/' } };

describe('what workers count of runs', () => {
  let rig: WorkerRig;
  before(async () => {
    rig = await WorkerRig.start();
  });
  after(() => rig.close());
  afterEach(() => rig.finishTest());

  const begun = ({ runs }: Metrics) => metricValue(runs.started, { workflow: 'Test' });
  const durations = ({ runs }: Metrics, status: string) => metricValue(runs.seconds, { status, le: '+Inf' });
  const started = (id: string, step: string) =>
    until(() => rig.story(id).includes(`STEP ${step} started`), { timeoutMs: 5_000, what: `step ${step}` });

  it('is a run that begins, ends, and how long it had its slot', async () => {
    const { metrics } = await rig.worker();
    await rig.ended(await rig.submit([wait('nap', 0.2)]));
    await rig.slotsFree();
    expect(await begun(metrics)).to.equal(1);
    expect(await metricValue(metrics.runs.finished, { status: 'succeeded', workflow: 'Test' })).to.equal(1);
    const page = await metrics.registry.getSingleMetricAsString('weir_run_duration_seconds');
    expect(page).to.include('weir_run_duration_seconds_count{status="succeeded"} 1');
    expect(page).to.include('weir_run_duration_seconds_bucket{le="0.1",status="succeeded"} 0');
  });

  it('is why a run failed, and every other reason from 0 on', async () => {
    const { metrics } = await rig.worker({ hosts: [] });
    await rig.ended(await rig.submit([broken]));
    await rig.slotsFree();
    expect(await metricValue(metrics.runs.failures, { code: 'webhook_refused', workflow: 'Test' })).to.equal(1);
    expect(await metricValue(metrics.runs.failures)).to.equal(1);
    const page = await metrics.registry.metrics();
    expect(page).to.include('weir_run_failures_total{code="llm_timeout",workflow="Test"} 0');
    expect(page).to.include('weir_runs_finished_total{status="cancelled",workflow="Test"} 0');
    expect(await durations(metrics, 'failed')).to.equal(1);
  });

  it('is one beginning for a run that goes on elsewhere, handed back or rescued', async () => {
    const first = await rig.worker();
    const handedBack = await rig.submit([wait('hang', 3_600)]);
    await started(handedBack, 'hang');
    expect(await begun(first.metrics)).to.equal(1);
    await first.worker.stop();
    const second = await rig.worker();
    await until(() => rig.story(handedBack).filter((type) => type === 'STEP hang started').length === 2, {
      timeoutMs: 5_000,
      what: 'the second worker',
    });
    expect(await begun(second.metrics)).to.equal(0);
    expect(await metricValue(second.metrics.runs.queueWait, { le: '+Inf' })).to.equal(0);
    await second.kill();
    await rig.lapse();
    await rig.db.runs.saveStepState(handedBack, (await rig.run(handedBack)).attempt, { step: 0, wake_at: 0 });
    const third = await rig.worker();
    await rig.ended(handedBack);
    await rig.slotsFree();
    expect(await begun(third.metrics)).to.equal(0);
    expect(await metricValue(third.metrics.runs.finished, { status: 'succeeded' })).to.equal(1);
  });

  it('is another beginning when its owner starts a failed run again', async () => {
    const { metrics } = await rig.worker({ hosts: [] });
    const id = await rig.submit([wait('first'), broken]);
    await rig.ended(id);
    await rig.slotsFree();
    const again = await rig.db.runs.retry(id, null, { maxAttempts: 3, queueTimeoutSeconds: 60 });
    if (again === null) throw new Error('not accepted again');
    const { seq, userId, workflowId, priority, attempt } = again;
    const times = { acceptedAt: again.acceptedAt.getTime(), expiresAt: again.expiresAt.getTime() };
    await rig.redis.queue.admit([{ runId: id, seq, userId, workflowId, priority, ...times, attemptFloor: attempt }]);
    await rig.ended(id);
    await rig.slotsFree();
    expect(await begun(metrics)).to.equal(2);
    expect(await metricValue(metrics.runs.queueWait, { le: '+Inf' })).to.equal(2);
    expect(await metricValue(metrics.runs.finished, { status: 'failed' })).to.equal(2);
  });
});
