import { expect } from 'chai';
import { Term } from './term.ts';

/** A term over a lock that is trusted for `trustMs` from now. */
function termOver(trustMs: number, extend = async () => true, onExtended: (term: Term) => void = () => {}) {
  const lock = { extend, trustedUntil: performance.now() + trustMs };
  const term: Term = new Term(1, { lock, onExtended: () => onExtended(term) });
  const ended = new Promise<string>((resolve) => {
    const end = () => resolve(term.signal.reason);
    if (term.signal.aborted) end();
    else term.signal.addEventListener('abort', end);
  });
  return { term, lock, ended };
}

describe('Term', () => {
  it('ends when the lock is no longer trusted, not before', async () => {
    const { ended, lock } = termOver(30);
    expect(await ended).to.equal('lock_expired');
    expect(performance.now()).to.be.at.least(lock.trustedUntil);
  });

  it('has ended before it began when the lock was won too late', () => {
    expect(termOver(-1).term.signal.aborted).to.equal(true);
  });

  it('lasts as long as extensions move the trust', async () => {
    const { ended, lock } = termOver(20);
    const moved = performance.now() + 80;
    lock.trustedUntil = moved;
    await ended;
    expect(performance.now()).to.be.at.least(moved);
  });

  it('extends the lock before trust runs out, and tries again soon when that fails', async () => {
    const answers = [false, true];
    const { term, ended } = termOver(
      4_500,
      async () => answers.shift() ?? false,
      (extended) => extended.end('stopping'),
    );
    await term.keep();
    expect(await ended).to.equal('stopping');
    expect(answers).to.have.length(0);
  });

  it('ends although an extension hangs', async () => {
    const { term, ended } = termOver(1_600, () => new Promise(() => {}));
    await term.keep();
    expect(await ended).to.equal('lock_expired');
  });

  it('keeps the first reason', () => {
    const { term } = termOver(1_000);
    term.end('stale_epoch');
    term.end('stopping');
    expect(term.signal.reason).to.equal('stale_epoch');
  });
});
