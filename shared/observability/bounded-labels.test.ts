import { expect } from 'chai';
import { BoundedLabels } from './bounded-labels.ts';

describe('BoundedLabels', () => {
  it('keeps the first names and calls all later ones other', () => {
    const labels = new BoundedLabels(2);
    expect(['a', 'b', 'c', 'a', 'other', 'b'].map((name) => labels.label(name))).to.deep.equal([
      'a',
      'b',
      'other',
      'a',
      'other',
      'b',
    ]);
  });
});
