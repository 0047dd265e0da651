import { expect } from 'chai';
import { parseLimits } from './limits-input.ts';
import { UsageError } from './usage-error.ts';

describe('parseLimits', () => {
  it('reads any number of limits', () => {
    expect(parseLimits(['max_workflows=20', 'queue_timeout_seconds=1.5'])).to.deep.equal({
      max_workflows: 20,
      queue_timeout_seconds: 1.5,
    });
  });

  it('refuses what is no limit or out of bounds, before anything is sent', () => {
    const cases: [string[], string][] = [
      [[], 'Say which limit to set, such as max_workflows=20.'],
      [['max_user=3'], 'There is no limit "max_user"; did you mean max_users?'],
      [['max_users'], 'max_users needs a value: max_users=<number>.'],
      [['max_users='], 'max_users needs a value: max_users=<number>.'],
      [['max_users=0'], 'max_users must be a whole number from 1 to 10000000, not "0".'],
      [['max_users=many'], 'max_users must be a whole number from 1 to 10000000, not "many".'],
      [['max_users=2.5'], 'not "2.5"'],
      [['queue_timeout_seconds=0.5'], 'queue_timeout_seconds must be a number from 1 to 86400, not "0.5".'],
      [['toString=1'], 'There is no limit "toString"'],
    ];
    for (const [assignments, message] of cases)
      expect(() => parseLimits(assignments), assignments.join()).to.throw(UsageError, message);
  });
});
