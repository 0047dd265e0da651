import { expect } from 'chai';
import { selectorsOf } from './promql-selectors.ts';

describe('selectorsOf', () => {
  it('finds names and labels of selectors, not functions, groupings and values', () => {
    const expression =
      'max by (provider) (rate(a:b:c{x="weir_y", z!~"1"}[5m])) == 1 and on (instance) (up{job="j"} or absent(d))';
    expect(selectorsOf(expression)).to.deep.equal([
      { metric: 'a:b:c', labels: ['x', 'z'] },
      { metric: 'up', labels: ['job'] },
      { metric: 'd', labels: [] },
    ]);
  });

  it('refuses what is not PromQL', () => {
    expect(() => selectorsOf('sum(up')).to.throw('not PromQL');
  });
});
