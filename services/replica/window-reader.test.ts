import { expect } from 'chai';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { WindowReader } from './window-reader.ts';

describe('the window of a replica', () => {
  it('is what happened since the last one: each request once, in the bucket of its time', async () => {
    const metrics = createMetrics();
    const reader = new WindowReader({ metrics, sockets: () => 7 });
    const request = (seconds: number, status: number, route = '/api/v1/trigger') =>
      metrics.http.seconds.observe({ method: 'POST', route, status }, seconds);
    request(0.0005, 202);
    request(0.003, 202);
    request(0.004, 500, '/api/v1/runs');
    request(99, 503);
    request(0.0001, 200, '/health');
    metrics.runs.begun({ workflowName: 'w' });
    metrics.runs.ended({ workflowName: 'w', status: 'failed', error: null, grantedAt: null, finishedAt: new Date() });
    metrics.runs.ended({ workflowName: 'v', status: 'succeeded', grantedAt: null, finishedAt: new Date() });
    expect(await reader.take()).to.deep.equal({
      requests: 4,
      errors: 2,
      latency: [1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      started: 1,
      finished: 2,
      failed: 1,
      sockets: 7,
    });
    request(0.2, 200);
    const next = await reader.take();
    expect(next).to.include({ requests: 1, errors: 0, started: 0, finished: 0, failed: 0 });
    expect(next.latency.reduce((total, count) => total + count, 0)).to.equal(1);
    expect(next.latency[7]).to.equal(1);
  });
});
