import { expect } from 'chai';
import { UsageError } from '../usage-error.ts';
import { OptionValues } from './option-values.ts';

describe('OptionValues', () => {
  const values = new OptionValues({ limit: '20', priority: 'hihg', all: true, bad: '1.5', big: '101' });

  it('reads what is there and leaves out what is not', () => {
    expect(values.integer('limit', 1, 100)).to.equal(20);
    expect(values.flag('all')).to.equal(true);
    expect(values.text('all')).to.equal(undefined);
    expect([values.integer('none', 1, 2), values.oneOf('none', ['a']), values.text('none')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuses what is not one of the choices, naming the nearest', () => {
    expect(() => values.oneOf('priority', ['high', 'normal', 'low'])).to.throw(
      UsageError,
      '--priority cannot be "hihg"; did you mean high?',
    );
  });

  it('refuses what is no whole number within its bounds', () => {
    expect(() => values.integer('bad', 1, 100)).to.throw(
      UsageError,
      '--bad must be a whole number from 1 to 100, not "1.5".',
    );
    expect(() => values.integer('big', 1, 100)).to.throw(UsageError, 'not "101"');
  });
});
