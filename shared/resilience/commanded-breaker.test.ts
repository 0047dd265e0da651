import { expect } from 'chai';
import { BreakerOpenError, type BreakerState } from './breaker.ts';
import { type CommandedBreaker, createCommandedBreaker, type Verdict } from './commanded-breaker.ts';

class Outcome extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict);
  }
}

const timersOfTheLoop = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('the commanded breaker', () => {
  let breaker: CommandedBreaker;
  let changes: BreakerState[];

  beforeEach(() => {
    changes = [];
    breaker = createCommandedBreaker({
      name: 'the dependency',
      failuresToOpen: 3,
      verdict: (error) => (error instanceof Outcome ? error.verdict : 'none'),
      onChange: (state) => changes.push(state),
    });
  });
  afterEach(() => breaker.dispose());

  const end = (verdict: Verdict) =>
    breaker.execute(() => Promise.reject(new Outcome(verdict))).catch((error: unknown) => error);
  const held = () => {
    let release: (error?: Error) => void = () => {};
    const call = breaker.execute(
      () => new Promise<string>((resolve, reject) => (release = (error) => (error ? reject(error) : resolve('late')))),
    );
    return { call, release: (error?: Error) => release(error) };
  };

  it('opens at the third failure in a row, and is open when the failing caller hears of it', async () => {
    await end('failure');
    await end('failure');
    const third = end('failure').then(() => breaker.state);
    expect(await third).to.equal('open');
    expect(changes).to.deep.equal(['open']);
  });

  it('begins to count again after a success, and after an error that proves life', async () => {
    for (const between of [() => breaker.execute(async () => 'fine'), () => end('success')]) {
      await end('failure');
      await end('failure');
      await between();
    }
    await end('failure');
    await end('failure');
    expect(breaker.state).to.equal('closed');
  });

  it('neither counts nor forgives for a call that says nothing', async () => {
    await end('failure');
    for (let call = 0; call < 5; call++) await end('none');
    expect(breaker.state).to.equal('closed');
    await end('failure');
    await end('none');
    await end('failure');
    expect(breaker.state).to.equal('open');
  });

  it('gives every caller its own value or error', async () => {
    expect(await breaker.execute(async () => 42)).to.equal(42);
    for (const verdict of ['failure', 'success', 'none'] as const) expect(await end(verdict)).to.include({ verdict });
  });

  it('lets nobody through while open or half open, and closes only when told', async () => {
    breaker.open();
    for (const command of [() => {}, () => breaker.halfOpen()]) {
      command();
      let called = false;
      const error = await breaker.execute(async () => (called = true)).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(BreakerOpenError);
      expect(called).to.equal(false);
    }
    breaker.close();
    expect(await breaker.execute(async () => 'through')).to.equal('through');
    expect(changes).to.deep.equal(['open', 'half_open', 'closed']);
  });

  it('makes no call that is overtaken by a command on its way, and keeps no timer of the library', async () => {
    // The runner sets its own for this test first.
    await new Promise(setImmediate);
    const timers = timersOfTheLoop();
    for (const command of ['open', 'halfOpen'] as const) {
      let called = false;
      const call = breaker.execute(async () => (called = true)).catch((reason: unknown) => reason);
      breaker[command]();
      expect(await call).to.be.instanceOf(BreakerOpenError);
      expect(called).to.equal(false);
      expect(breaker.state).to.equal(command === 'open' ? 'open' : 'half_open');
      breaker.close();
      expect(timersOfTheLoop()).to.equal(timers);
    }
  });

  it('takes no command twice', () => {
    for (const command of ['open', 'open', 'halfOpen', 'halfOpen', 'close', 'close'] as const) breaker[command]();
    expect(changes).to.deep.equal(['open', 'half_open', 'closed']);
  });

  it('does not count what a call from before the last change comes to', async () => {
    const calls = Array.from({ length: 4 }, held);
    await new Promise(setImmediate);
    breaker.open();
    breaker.close();
    for (const { release, call } of calls.slice(0, 3)) {
      release(new Outcome('failure'));
      await call.catch(() => undefined);
    }
    expect(breaker.state).to.equal('closed');
    await end('failure');
    await end('failure');
    calls[3]?.release();
    expect(await calls[3]?.call).to.equal('late');
    await end('failure');
    expect(breaker.state).to.equal('open');
  });

  it('survives a function that throws at once', async () => {
    const error = await breaker
      .execute(() => {
        throw new Outcome('failure');
      })
      .catch((reason: unknown) => reason);
    expect(error).to.include({ verdict: 'failure' });
    await end('failure');
    await end('failure');
    expect(breaker.state).to.equal('open');
  });
});
