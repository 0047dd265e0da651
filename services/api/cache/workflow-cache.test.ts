import { expect } from 'chai';
import type { WorkflowRow } from '../../../db/repositories/workflows.ts';
import { createMetrics, type Metrics } from '../../../shared/observability/metrics.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { WorkflowCache } from './workflow-cache.ts';

function workflow(id: string): WorkflowRow {
  return { id, seq: 1, name: id, description: null, steps: [], createdBy: 'ann', createdAt: new Date(0) };
}

describe('WorkflowCache', () => {
  let now = 0;
  let asked: string[];
  const known = new Set<string>();
  const store = {
    async get(id: string) {
      asked.push(id);
      return known.has(id) ? workflow(id) : null;
    },
  };

  let metrics: Metrics['cache'];
  const cacheFor = (seconds: number) => new WorkflowCache({ workflows: store, metrics, seconds, now: () => now });
  const counted = (outcome: string) => metricValue(metrics.requests, { cache: 'workflow', outcome });

  beforeEach(() => {
    metrics = createMetrics().cache;
    // Not 0, which to the library means "no time".
    now = 1;
    asked = [];
    known.clear();
  });

  it('asks once for all who want a definition at the same moment, and for a minute', async () => {
    known.add('a');
    const cache = cacheFor(60);
    await Promise.all([cache.get('a'), cache.get('a')]);
    now += 59_999;
    expect((await cache.get('a'))?.name).to.equal('a');
    expect(asked).to.deep.equal(['a']);
    now += 2;
    await cache.get('a');
    expect(asked).to.deep.equal(['a', 'a']);
  });

  it('counts what was answered from memory and what was not', async () => {
    known.add('a');
    const cache = cacheFor(60);
    await cache.get('a');
    await cache.get('a');
    cache.peek('a');
    cache.peek('b');
    expect([await counted('hit'), await counted('miss'), await counted('bypass')]).to.deep.equal([2, 1, 0]);
  });

  it('switched off, asks each time', async () => {
    known.add('a');
    const cache = cacheFor(0);
    await cache.get('a');
    expect(cache.peek('a')).to.equal(undefined);
    await cache.get('a');
    expect(asked).to.deep.equal(['a', 'a']);
    expect(await counted('bypass')).to.equal(2);
  });

  it('does not remember that a definition is missing: it may be created the moment after', async () => {
    const cache = cacheFor(60);
    expect(await cache.get('a')).to.equal(null);
    known.add('a');
    expect((await cache.get('a'))?.id).to.equal('a');
  });

  it('holds a thousand definitions and drops the one not used for longest', async () => {
    const cache = cacheFor(60);
    for (let index = 0; index < 1_001; index++) {
      known.add(`w${index}`);
      if (index === 1_000) cache.peek('w0');
      await cache.get(`w${index}`);
    }
    expect(cache.peek('w0')?.id).to.equal('w0');
    expect(cache.peek('w1')).to.equal(undefined);
  });
});
