import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { Deadline } from './deadline.ts';

/** Like a process that is stopped and goes on: nothing runs, the clock does. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe("a step's deadline", () => {
  const run = new AbortController();
  let deadline: Deadline;
  afterEach(() => deadline.clear());

  it('aborts when its time is over, also one that is counted in several stretches', async () => {
    const begunAt = performance.now();
    deadline = new Deadline(1_200, run.signal);
    await until(() => deadline.signal.aborted, { timeoutMs: 10_000, what: 'the deadline' });
    expect(performance.now() - begunAt).to.be.at.least(1_190);
    expect([deadline.expired, deadline.remainingMs()]).to.deep.equal([true, 0]);
  });

  it('does not count the time in which the process stood still, and leaves time for what came meanwhile', async () => {
    deadline = new Deadline(1_000, run.signal);
    standStill(2_000);
    let turns = 0;
    await until(() => ++turns > 5, { timeoutMs: 1_000, what: 'some turns of the event loop' });
    expect(deadline.signal.aborted).to.equal(false);
    expect(deadline.remainingMs()).to.be.within(1, 1_000);
    await until(() => deadline.expired, { timeoutMs: 10_000, what: 'the deadline' });
  });

  it('counts a short delay of the process as time of the step', async () => {
    deadline = new Deadline(100, run.signal);
    standStill(300);
    await until(() => deadline.expired, { timeoutMs: 5_000, what: 'the deadline' });
  });

  it('aborts with the run, for its reason, and has not expired then', () => {
    const left = new AbortController();
    deadline = new Deadline(60_000, left.signal);
    left.abort(new Error('left'));
    expect([deadline.signal.reason.message, deadline.expired]).to.deep.equal(['left', false]);
  });
});
