import { expect } from 'chai';
import { addRuns } from './admit-arguments.ts';
import type { AdmitEntry } from './results.ts';

describe('arguments of an admission', () => {
  const entry = (seq: number, fields: Partial<AdmitEntry> = {}): AdmitEntry => ({
    runId: `run-${seq}`,
    seq,
    userId: 'ann',
    workflowId: 'w',
    priority: 'normal',
    acceptedAt: 1_000_000,
    expiresAt: 2_000_000,
    attemptFloor: 0,
    ...fields,
  });
  const argumentsOf = (...entries: AdmitEntry[]) => {
    const args: Array<string | number> = ['key'];
    addRuns(args, entries);
    return args;
  };

  it('give the times of runs accepted together once', () => {
    expect(argumentsOf(entry(1), entry(2))).to.deep.equal([
      'key',
      '20',
      1_000_000,
      2_000_000,
      'run-1',
      '0000000000000001:0:w:ann',
      'run-2',
      '0000000000000002:0:w:ann',
    ]);
  });

  it('give times again where score or expiry are others, also when they come back', () => {
    const args = argumentsOf(
      entry(1),
      entry(2, { priority: 'high' }),
      entry(3, { priority: 'high', expiresAt: 0 }),
      entry(4, { priority: 'high', expiresAt: 0 }),
      entry(5),
    );
    expect(args[1]).to.equal('22202');
    expect(args.filter((argument) => typeof argument === 'number')).to.deep.equal([
      1_000_000, 2_000_000, 940_000, 2_000_000, 940_000, 0, 1_000_000, 2_000_000,
    ]);
  });

  it('mark the runs whose owners have been told yes', () => {
    expect(argumentsOf(entry(1, { promised: true }), entry(2, { promised: true }), entry(3))[1]).to.equal('310');
  });
});
