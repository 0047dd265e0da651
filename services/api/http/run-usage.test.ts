import { expect } from 'chai';
import { runUsage } from './run-usage.ts';

const step = (usage: unknown) => ({ usage });
const model = { provider: 'primary', model: 'm', finish_reason: 'stop' };

describe('usage of a run', () => {
  it('is the sum of tokens and cost over its steps, without the noise of binary fractions', () => {
    const steps = [
      step({ ...model, input_tokens: 6, output_tokens: 12, cost_usd: 0.1 }),
      step(null),
      step({ ...model, input_tokens: 4, output_tokens: 8, cost_usd: 0.2 }),
    ];
    expect(runUsage(steps)).to.deep.equal({ input_tokens: 10, output_tokens: 20, cost_usd: 0.3 });
  });

  it('knows no cost where no provider had a price, and leaves out what a provider did not say', () => {
    const steps = [
      step({ ...model, input_tokens: 6, output_tokens: 12 }),
      step({ ...model, input_tokens: null, output_tokens: null }),
    ];
    expect(runUsage(steps)).to.deep.equal({ input_tokens: 6, output_tokens: 12, cost_usd: null });
  });

  it('is null when no step asked a model, or what is kept has another shape', () => {
    expect(runUsage([])).to.equal(null);
    expect(runUsage([step(null), step('text'), step({ bytes: 3 })])).to.equal(null);
  });
});
