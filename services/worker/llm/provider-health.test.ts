import { expect } from 'chai';
import { ModelFailure } from './model-failure.ts';
import { ProviderHealth } from './provider-health.ts';

describe('ProviderHealth', () => {
  it('degrades with the first failure, is down with the third in a row, and recovers with one success', () => {
    const health = new ProviderHealth();
    const seen = [health.status];
    for (let failures = 0; failures < 3; failures++) {
      health.failed(new ModelFailure('server_error'));
      seen.push(health.status);
    }
    health.succeeded();
    seen.push(health.status);
    expect(seen).to.deep.equal(['operational', 'degraded', 'degraded', 'down', 'operational']);
  });

  it('does not blame the provider for a refused prompt or for our own faults', () => {
    const health = new ProviderHealth();
    health.failed(new ModelFailure('content_filtered'));
    health.failed(new TypeError('ours'));
    expect(health.status).to.equal('operational');
  });
});
