import { expect } from 'chai';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { createMetrics } from '../metrics.ts';

const NEVER_GRANTED = { grantedAt: null, finishedAt: new Date() };

describe('metrics of runs', () => {
  it('name a hundred workflows, however many strangers make up, and count the rest together', async () => {
    const metrics = createMetrics();
    const names = Array.from({ length: 5_000 }, (_, n) => `${'x'.repeat(190)}"\\\n${n}`);
    for (const workflowName of names) {
      metrics.runs.begun({ workflowName });
      metrics.runs.ended({ workflowName, status: 'failed', error: { code: 'llm_timeout' }, ...NEVER_GRANTED });
    }
    const { values } = await metrics.runs.started.get();
    expect(values).to.have.length(101);
    expect(await metricValue(metrics.runs.started, { workflow: 'other' })).to.equal(4_900);
    expect(await metricValue(metrics.runs.started)).to.equal(5_000);
    expect((await metrics.runs.failures.get()).values).to.have.length(101 * 12);
    const page = await metrics.registry.metrics();
    expect(
      page.split('\n').filter((line) => line.startsWith('weir_') && !/^\w+(\{.*\})? [\d.e+-]+$/.test(line)),
    ).to.deep.equal([]);
  });

  it('make no label of a code that is not known', async () => {
    const { runs } = createMetrics();
    runs.ended({ workflowName: 'w', status: 'failed', error: { code: 'of_a_later_release' }, ...NEVER_GRANTED });
    expect(await metricValue(runs.failures, { code: 'internal', workflow: 'w' })).to.equal(1);
    expect((await runs.failures.get()).values.map(({ labels }) => labels.code)).to.not.include('of_a_later_release');
  });

  it('measure from the slot to the end, never below 0, and nothing of a run that had none', async () => {
    const { runs } = createMetrics();
    const at = (ms: number) => new Date(1_000_000 + ms);
    runs.ended({ workflowName: 'w', status: 'succeeded', grantedAt: at(0), finishedAt: at(7_000) });
    runs.ended({ workflowName: 'w', status: 'cancelled', grantedAt: at(5), finishedAt: at(0) });
    runs.ended({ workflowName: 'w', status: 'timed_out', grantedAt: null, finishedAt: at(0) });
    const { values } = await runs.seconds.get();
    const sums = values.filter(({ metricName }) => metricName === 'weir_run_duration_seconds_sum');
    expect(sums.map(({ labels, value }) => [labels.status, value])).to.deep.equal([
      ['succeeded', 7],
      ['cancelled', 0],
    ]);
    expect(await metricValue(runs.finished, { status: 'timed_out' })).to.equal(1);
  });
});
