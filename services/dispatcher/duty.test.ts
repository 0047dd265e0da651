import { expect } from 'chai';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { until } from '../../tests/support/until.ts';
import { Duty } from './duty.ts';

const NEVER_MS = 600_000;

/** A duty whose rounds end when the test says so. */
function controlledDuty() {
  const log = recordedLog();
  const ending = new AbortController();
  const open: Array<{ end(nextInMs: number | null): void; fail(error: Error): void }> = [];
  let rounds = 0;
  const duty = new Duty({
    name: 'test',
    everyMs: NEVER_MS,
    log,
    round: () => {
      rounds += 1;
      return new Promise((end, fail) => open.push({ end, fail }));
    },
  });
  const running = duty.run(ending.signal);
  const round = (number: number) => until(() => open[number - 1], { timeoutMs: 1000, what: `round ${number}` });
  return { duty, log, ending, running, round, rounds: () => rounds };
}

describe('Duty', () => {
  it('does its first round at once', async () => {
    const { round, ending, running } = controlledDuty();
    const first = await round(1);
    ending.abort();
    first.end(null);
    await running;
  });

  it('makes one more round directly after the present one, however often it is woken during it, and never two at once', async () => {
    const { duty, round, rounds, ending, running } = controlledDuty();
    const first = await round(1);
    duty.wake();
    duty.wake();
    duty.wake();
    expect(rounds()).to.equal(1);
    first.end(null);
    const second = await round(2);
    second.end(null);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rounds()).to.equal(2);
    ending.abort();
    await running;
  });

  it('comes back when the round before asked for it', async () => {
    const { round, ending, running } = controlledDuty();
    (await round(1)).end(5);
    const second = await round(2);
    ending.abort();
    second.end(null);
    await running;
  });

  it('starts no further round once its signal aborts, and ends with the round under way', async () => {
    const { duty, round, rounds, ending, running } = controlledDuty();
    const first = await round(1);
    duty.wake();
    ending.abort();
    let ended = false;
    const end = running.then(() => {
      ended = true;
    });
    await Promise.resolve();
    expect(ended).to.equal(false);
    first.end(0);
    await end;
    expect(rounds()).to.equal(1);
  });

  it('survives failing rounds and says so once when an outage begins and once when it ends', async () => {
    const { duty, log, round, ending, running } = controlledDuty();
    for (const number of [1, 2, 3]) {
      const failing = await round(number);
      duty.wake();
      failing.fail(new Error('gone'));
    }
    const fourth = await round(4);
    duty.wake();
    fourth.end(null);
    const fifth = await round(5);
    ending.abort();
    fifth.end(null);
    await running;
    expect(log.lines.map((line) => line.message)).to.deep.equal([
      'duty failed, will be tried again',
      'duty works again',
    ]);
  });
});
