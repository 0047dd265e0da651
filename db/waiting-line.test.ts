import { expect } from 'chai';
import { BreakerTimeoutError } from '../shared/resilience/breaker.ts';
import { WaitedTooLong, WaitingLine } from './waiting-line.ts';

const LONG_MS = 60_000;

describe('the line in front of Postgres', () => {
  const hang = new BreakerTimeoutError('postgres', 900);
  const never = (): Promise<string> => new Promise(() => {});
  /** What has a place has begun. */
  const begun = () => new Promise(setImmediate);
  const reasonOf = (outcome: Promise<unknown>) => outcome.catch((error: unknown) => error);

  it('lets as many work at once as there are connections, and the others in the order in which they came', async () => {
    const line = new WaitingLine(2, LONG_MS);
    const started: number[] = [];
    const ends: Array<() => void> = [];
    const all = Array.from({ length: 5 }, (_, n) =>
      line.run(async () => {
        started.push(n);
        await new Promise<void>((resolve) => ends.push(resolve));
        return n;
      }),
    );
    await begun();
    expect(started).to.deep.equal([0, 1]);
    expect(line.waiting).to.equal(3);
    for (let n = 0; n < 5; n++) {
      ends[n]?.();
      await all[n];
      await begun();
    }
    expect(started).to.deep.equal([0, 1, 2, 3, 4]);
    expect(line.waiting).to.equal(0);
  });

  it('gives up who has waited too long, and goes on', async () => {
    const line = new WaitingLine(1, 20);
    let end = (_value: string): void => {};
    const first = line.run(() => new Promise<string>((resolve) => (end = resolve)));
    await begun();
    expect(await reasonOf(line.run(never))).to.be.instanceOf(WaitedTooLong);
    expect(line.waiting).to.equal(0);
    end('first');
    expect(await first).to.equal('first');
    expect(await line.run(async () => 'next')).to.equal('next');
  });

  it('tells all who wait of a hang as soon as the first knows of it', async () => {
    const line = new WaitingLine(1, LONG_MS);
    let giveUp = (_error: Error): void => {};
    const first = line.run(() => new Promise((_, reject) => (giveUp = reject)));
    const others = [line.run(never), line.run(never)];
    await begun();
    giveUp(hang);
    expect(await Promise.all([first, ...others].map(reasonOf))).to.deep.equal([hang, hang, hang]);
    expect(await line.run(async () => 'back')).to.equal('back');
  });

  it('keeps those who wait when one statement was given up and others are answered meanwhile', async () => {
    const line = new WaitingLine(2, LONG_MS);
    let giveUp = (_error: Error): void => {};
    const stuck = line.run(() => new Promise((_, reject) => (giveUp = reject)));
    let answer = (_value: string): void => {};
    const answered = line.run(() => new Promise<string>((resolve) => (answer = resolve)));
    const waiting = [line.run(never), line.run(async () => 'served')];
    await begun();
    answer('yes');
    await answered;
    giveUp(hang);
    expect(await reasonOf(stuck)).to.equal(hang);
    expect(await waiting[1]).to.equal('served');
  });
});
