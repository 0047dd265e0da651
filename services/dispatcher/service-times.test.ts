import { expect } from 'chai';
import { ServiceTimes } from './service-times.ts';

const samples = [4_000, 3_000, 2_000, 1_000].map((ms) => ({ workflowId: 'a', ms }));

describe('ServiceTimes', () => {
  it('knows nothing without a finished run', () => {
    expect(ServiceTimes.from([])).to.equal(null);
  });

  it('gives median and 90th percentile, and an average between them', () => {
    const guess = ServiceTimes.from(samples)?.whole('a');
    expect(guess).to.include({ low: 2_000, high: 4_000 });
    expect(guess?.expected).to.be.within(2_000, 4_000);
  });

  it('judges what is left of a run by those that lasted longer than it already has', () => {
    expect(ServiceTimes.from(samples)?.remaining('a', 2_500)).to.include({ low: 500, high: 1_500 });
  });

  it('expects a run beyond all experience to be late for as long again, never for more than a usual run', () => {
    const times = ServiceTimes.from([{ workflowId: 'a', ms: 1_000 }]);
    expect(times?.remaining('a', 1_200)).to.deep.equal({ low: 200, expected: 200, high: 200 });
    expect(times?.remaining('a', 9_000)).to.deep.equal({ low: 1_000, expected: 1_000, high: 1_000 });
  });
});
