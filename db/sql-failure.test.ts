import { expect } from 'chai';
import pg from 'pg';
import { isRepeatable, isUnavailable, leavesConnectionUsable } from './sql-failure.ts';

describe('what an error says about Postgres', () => {
  const sqlError = (code: string) => Object.assign(new pg.DatabaseError('no', 0, 'error'), { code });

  it('is away, full, starting or stopping, read only, or cut off', () => {
    for (const code of [
      '08006',
      '28P01',
      '3D000',
      '53300',
      '53100',
      '57P01',
      '57P02',
      '57P03',
      '57014',
      '55P03',
      '25006',
      '58030',
    ]) {
      expect(isUnavailable(sqlError(code)), code).to.equal(true);
      expect(leavesConnectionUsable(sqlError(code)), code).to.equal(false);
    }
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    for (const error of [refused, new Error('Connection terminated unexpectedly'), new AggregateError([refused])]) {
      expect(isUnavailable(error)).to.equal(true);
      expect(leavesConnectionUsable(error)).to.equal(false);
    }
  });

  it('cannot begin or go on with a session, whatever code that has', () => {
    expect(isUnavailable(Object.assign(sqlError('XX000'), { severity: 'FATAL' }))).to.equal(true);
    expect(isUnavailable(Object.assign(sqlError('XX000'), { severity: 'ERROR' }))).to.equal(false);
  });

  it('works and refuses the statement', () => {
    for (const code of ['23505', '23514', '22P02', '42P01', '54000', '40001', '40P01']) {
      expect(isUnavailable(sqlError(code)), code).to.equal(false);
      expect(leavesConnectionUsable(sqlError(code)), code).to.equal(true);
    }
  });

  it('rolled the statement back for another one, or does not know it: it can be repeated', () => {
    const repeatable = ['40001', '40P01', '26000', '0A000', '23505'].map((code) => isRepeatable(sqlError(code)));
    expect(repeatable).to.deep.equal([true, true, true, true, false]);
    for (const code of ['26000', '0A000']) expect(leavesConnectionUsable(sqlError(code))).to.equal(false);
  });

  it('nothing, when the fault is in our own code', () => {
    for (const error of [new TypeError('x is undefined'), new RangeError('no'), new SyntaxError('no'), 'text', null]) {
      expect(isUnavailable(error)).to.equal(false);
    }
  });
});
