import { expect } from 'chai';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { vitalsOfRedis, vitalsOfReplica } from './vitals.ts';

describe('what must not grow', () => {
  it('is read from the metrics of a replica under the names it has there', async () => {
    const metrics = createMetrics();
    metrics.postgres.watchPool(() => ({ total: 7, idle: 2, waiting: 0 }));
    const vitals = vitalsOfReplica('replica-1', await metrics.registry.metrics());
    const values = new Map(vitals.map(({ quantity, value }) => [quantity, value]));
    expect(values.get('connections')).to.equal(7);
    expect(values.get('heap')).to.be.within(1_000_000, process.memoryUsage().rss);
    if (process.platform === 'linux') expect([...values.keys()]).to.include.members(['memory', 'native', 'handles']);
  });

  it('is read from what Redis says of itself', () => {
    const info = '# Clients\r\nconnected_clients:23\r\n# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n';
    expect(vitalsOfRedis(info)).to.deep.equal([
      { part: 'redis', quantity: 'memory', value: 1_048_576 },
      { part: 'redis', quantity: 'connections', value: 23 },
    ]);
    expect(vitalsOfRedis('')).to.deep.equal([]);
  });
});
