import { stat } from 'node:fs/promises';
import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { type Breaker, BreakerOpenError, type BreakerState, BreakerTimeoutError, createBreaker } from './breaker.ts';

class Down extends Error {}

describe('the circuit breaker', () => {
  let breaker: Breaker;
  let changes: BreakerState[];

  const make = (openMs: number) => {
    changes = [];
    breaker = createBreaker({
      name: 'the dependency',
      failuresToOpen: 3,
      openMs,
      timeoutMs: 200,
      isFailure: (error) => error instanceof Down,
      onChange: (state) => changes.push(state),
    });
  };
  beforeEach(() => make(40));
  afterEach(() => breaker.dispose());

  const fail = () => breaker.execute(() => Promise.reject(new Down('down'))).catch((error: unknown) => error);
  const succeed = () => breaker.execute(async () => 'fine');
  const becomes = (state: BreakerState) =>
    until(() => breaker.state === state, { timeoutMs: 2_000, what: `the breaker to be ${state}` });
  const open = async () => {
    for (let call = 0; call < 3; call++) await fail();
  };

  it('opens at exactly the given number of failures in a row, and then calls nobody', async () => {
    await fail();
    breaker.dispose();
    // So long that a slow machine meets it open.
    make(60_000);
    await fail();
    await succeed();
    await fail();
    await fail();
    expect(breaker.state).to.equal('closed');
    await fail();
    expect(breaker.state).to.equal('open');

    let called = false;
    const error = await breaker.execute(async () => (called = true)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(BreakerOpenError);
    expect((error as BreakerOpenError).retryAfterMs).to.be.within(1, 60_000);
    expect(called).to.equal(false);
  });

  it('does not take an error that the dependency answered for a failure', async () => {
    for (let call = 0; call < 5; call++) {
      expect(
        await breaker.execute(() => Promise.reject(new RangeError('no'))).catch((e: unknown) => e),
      ).to.be.instanceOf(RangeError);
    }
    expect(breaker.state).to.equal('closed');
  });

  it('stays open when calls from before it opened end one by one and others begin in the moment it opens', async () => {
    breaker.dispose();
    make(60_000);
    const rejects: Array<(error: Error) => void> = [];
    const calls = Array.from({ length: 20 }, () =>
      breaker.execute(() => new Promise((_, reject) => rejects.push(reject))).catch(() => {}),
    );
    await until(() => rejects.length === 20, { timeoutMs: 2_000, what: 'all calls to be under way' });
    const newcomers: Promise<unknown>[] = [];
    for (const reject of rejects) {
      reject(new Down());
      for (let turn = 0; turn < 12; turn++) {
        newcomers.push(fail());
        await Promise.resolve();
      }
    }
    await Promise.all([...calls, ...newcomers]);
    expect(changes).to.deep.equal(['open']);
    expect(breaker.state).to.equal('open');
  });

  it('lets one call probe, refuses the others meanwhile, and closes when the probe succeeds', async () => {
    await open();
    await becomes('half_open');
    let answer: (value: string) => void = () => {};
    const probe = breaker.execute(() => new Promise<string>((resolve) => (answer = resolve)));
    expect(await succeed().catch((error: unknown) => error)).to.be.instanceOf(BreakerOpenError);
    answer('back');
    expect(await probe).to.equal('back');
    expect(breaker.state).to.equal('closed');
    expect(changes).to.deep.equal(['open', 'half_open', 'closed']);
    expect(await succeed()).to.equal('fine');
  });

  it('opens again when the probe fails or hangs', async () => {
    await open();
    await becomes('half_open');
    await fail();
    expect(breaker.state).to.equal('open');
    await becomes('half_open');
    await breaker.execute(() => new Promise(() => {}), { timeoutMs: 5 }).catch(() => {});
    expect(breaker.state).to.equal('open');
  });

  it('is not wedged by a call from before the outage that ends while it is half open', async () => {
    let endOldCall: (value: string) => void = () => {};
    const oldCall = breaker.execute(() => new Promise<string>((resolve) => (endOldCall = resolve)), {
      timeoutMs: 60_000,
    });
    await open();
    await becomes('half_open');
    endOldCall('late');
    expect(await oldCall).to.equal('late');
    expect(breaker.state).to.equal('half_open');
    expect(await succeed()).to.equal('fine');
    expect(breaker.state).to.equal('closed');
  });

  it('gives a slow call up, aborts what is left of it and counts it as a failure', async () => {
    const signals: AbortSignal[] = [];
    for (let call = 0; call < 3; call++) {
      const hang = breaker.execute((signal) => new Promise(() => signals.push(signal)), { timeoutMs: 5 });
      expect(await hang.catch((error: unknown) => error)).to.be.instanceOf(BreakerTimeoutError);
    }
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true, true, true]);
    expect(breaker.state).to.equal('open');
  });

  it('does not take its own process being busy for a slow dependency', async () => {
    const busy = breaker.execute(
      (_signal) => {
        const answer = stat('.');
        const until = performance.now() + 60;
        while (performance.now() < until);
        return answer;
      },
      { timeoutMs: 20 },
    );
    expect((await busy).isDirectory()).to.equal(true);
  });

  it('survives a function that throws before it returns a promise', async () => {
    const thrower = () => {
      throw new Down('at once');
    };
    for (let call = 0; call < 3; call++) await breaker.execute(thrower).catch(() => {});
    expect(breaker.state).to.equal('open');
    await becomes('half_open');
    await breaker.execute(thrower).catch(() => {});
    await becomes('half_open');
    expect(await succeed()).to.equal('fine');
  });

  it('lets calls through uncounted once disposed, and keeps no timer', async () => {
    breaker.dispose();
    await open();
    expect(await succeed()).to.equal('fine');
    expect(breaker.state).to.equal('closed');
  });
});
