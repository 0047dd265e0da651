import { expect } from 'chai';
import { WeirError } from '../../shared/errors/weir-error.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { until } from '../../tests/support/until.ts';
import { ClaimGate } from './claim-gate.ts';

function pending() {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('the gate in front of the ready list', () => {
  let ending: AbortController;
  let gate: ClaimGate;
  /** Each claim of nothing, to be answered. */
  let asked: Array<ReturnType<typeof pending>>;

  beforeEach(() => {
    ending = new AbortController();
    asked = [];
    const claimNothing = () => {
      const answer = pending();
      asked.push(answer);
      return answer.promise;
    };
    gate = new ClaimGate({ runs: { claimNothing }, ending: ending.signal, log: recordedLog() });
  });
  afterEach(() => ending.abort());

  const stopping = () => ending.signal;
  const unavailable = () => Promise.reject(new WeirError('storage_unavailable'));
  const untilAsked = (times: number) =>
    until(() => asked.length === times, { timeoutMs: 5_000, what: `${times} claims of nothing` });
  /** Whether it is open, once all that is decided has been said. */
  async function isOpen(): Promise<boolean> {
    const open = gate.open(stopping()).then(() => true);
    return Promise.race([open, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
  }

  it('is shut by the first claim that Postgres did not take, also for who is taking, until it answers one again', async () => {
    const taking = await gate.open(stopping());
    await gate.watch(unavailable()).catch(() => undefined);
    expect([taking.aborted, await isOpen()]).to.deep.equal([true, false]);
    await untilAsked(1);
    expect(await isOpen()).to.equal(false);
    asked[0]?.resolve();
    expect((await gate.open(stopping())).aborted).to.equal(false);
  });

  it('is shut while a claim has had no answer for a second, and asks nothing: the claim itself is asking', async () => {
    const taking = await gate.open(stopping());
    const late = pending();
    const watched = gate.watch(late.promise);
    expect(await isOpen()).to.equal(true);
    await until(() => taking.aborted, { timeoutMs: 5_000, what: 'the gate to be shut' });
    await gate.watch(Promise.resolve());
    expect(await isOpen()).to.equal(false);
    late.resolve();
    await watched;
    expect([await isOpen(), asked.length]).to.deep.equal([true, 0]);
  });

  it('asks when a late claim is given up, as nobody knows whether the next would be answered', async () => {
    const taking = await gate.open(stopping());
    const late = pending();
    const watched = gate.watch(late.promise).catch(() => undefined);
    await until(() => taking.aborted, { timeoutMs: 5_000, what: 'the gate to be shut' });
    late.reject(new Error('cancelled'));
    await watched;
    expect(await isOpen()).to.equal(false);
    await untilAsked(1);
  });

  it('stays open while claims are answered, and when a run that is being claimed leaves', async () => {
    const taking = await gate.open(stopping());
    await gate.watch(Promise.resolve());
    await gate.watch(Promise.reject(new Error('cancelled'))).catch(() => undefined);
    expect([taking.aborted, await isOpen()]).to.deep.equal([false, true]);
  });

  it('is shut again by the next claim that fails, however Postgres answered the one of nothing', async () => {
    for (let times = 1; times <= 3; times++) {
      const taking = await gate.open(stopping());
      await gate.watch(unavailable()).catch(() => undefined);
      await untilAsked(times);
      asked[times - 1]?.reject(new Error('a fault of ours'));
      expect(taking.aborted).to.equal(true);
    }
    expect((await gate.open(stopping())).aborted).to.equal(false);
  });

  it('holds nobody who stops', async () => {
    await gate.watch(unavailable()).catch(() => undefined);
    const held = gate.open(stopping());
    ending.abort();
    expect((await held).aborted).to.equal(true);
  });
});
