import { expect } from 'chai';
import { tableOf } from './table.ts';

describe('the table of figures', () => {
  it('has the median, the worst and what is promised, and says what is not met', () => {
    const time = { about: 'gone → back', unit: 'ms', most: 2_000 } as const;
    const count = { about: 'restart → failed', unit: 'requests', most: 0 } as const;
    expect(
      tableOf([
        { figure: time, values: [300, 100, 1_950.4] },
        { figure: time, values: [2_001] },
        { figure: count, values: [0, 0] },
      ]).slice(2),
    ).to.deep.equal([
      '| gone → back | 3 | 300 ms | 2.0 s | ≤ 2.0 s |',
      '| gone → back | 1 | 2.0 s | 2.0 s | ≤ 2.0 s, not met |',
      '| restart → failed | 2 | 0 | 0 | ≤ 0 |',
    ]);
  });
});
