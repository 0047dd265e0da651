import { expect } from 'chai';
import { LEASES } from '../../redis/leases.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { until } from '../../tests/support/until.ts';
import { Leader, type LeaderDeps, TICK_MS } from './leader.ts';
import { ROUND_DONE, type RoundResult } from './round.ts';
import { Term } from './term.ts';

const LEVEL = { level: 'normal', sequence: 1, since: 0, activeUsers: 0, maxUsers: 1 } as const;

/** A leader whose duties write down that they were called; `changes` decides what some of them answer. */
function rig(changes: Partial<LeaderDeps> = {}) {
  const journal: string[] = [];
  const handlers: { wake?: () => void; resubscribed?: () => void } = {};
  const note = (name: string) => ({
    round: async (): Promise<RoundResult> => {
      journal.push(name);
      return ROUND_DONE;
    },
  });
  const leader = new Leader({
    drain: note('drain'),
    rescue: note('rescue'),
    reconcile: note('reconcile'),
    estimates: note('estimate'),
    rebuild: {
      run: async () => {
        journal.push('rebuild');
        return { kind: 'done' };
      },
    },
    cluster: { refreshLevel: async () => LEVEL },
    channels: {
      onWake: (handler) => {
        handlers.wake = handler;
        return () => delete handlers.wake;
      },
      onResubscribed: (handler) => {
        handlers.resubscribed = handler;
        return () => delete handlers.resubscribed;
      },
    },
    log: recordedLog(),
    ...changes,
  });
  const lock = { extend: async () => true, trustedUntil: performance.now() + 60_000 };
  const term = new Term(7, { lock, onExtended: () => {} });
  const count = (name: string) => journal.filter((entry) => entry === name).length;
  const reached = (name: string, times: number, timeoutMs = 900) =>
    until(() => count(name) >= times, { timeoutMs, what: `${name} to be done ${times} times` });
  return { leader, term, journal, handlers, count, reached };
}

const untilEnd = (term: Term) =>
  new Promise<RoundResult>((resolve) => term.signal.addEventListener('abort', () => resolve(ROUND_DONE)));

describe('Leader', () => {
  it('gives its word anew long before it lapses, which is before another leader can follow one that died', () => {
    expect(LEASES.permit.lengthMs).to.be.at.least(2 * TICK_MS);
    expect(LEASES.permit.lengthMs).to.be.below(LEASES.leader.lengthMs - LEASES.leader.renewEveryMs);
  });

  it('puts lost runs back in order before it grants the first slot', async () => {
    let compared: (() => void) | undefined;
    const { leader, term, count, reached } = rig({
      reconcile: {
        round: () =>
          new Promise((resolve) => {
            compared = () => resolve(ROUND_DONE);
          }),
      },
    });
    const leading = leader.lead(term);
    const finish = await until(() => compared, { timeoutMs: 900, what: 'the comparison to begin' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(count('drain')).to.equal(0);
    finish();
    await reached('drain', 1);
    term.end('stopping');
    await leading;
  });

  it('grants slots although the first comparison takes long', async () => {
    const { leader, term, reached } = rig({ reconcile: { round: () => untilEnd(term) } });
    const leading = leader.lead(term);
    await reached('drain', 1);
    term.end('stopping');
    await leading;
  });

  it('drains at once when woken, and looks for lost runs too after its connection was away', async () => {
    const { leader, term, handlers, count, reached } = rig();
    const leading = leader.lead(term);
    await reached('drain', 1);
    handlers.wake?.();
    await reached('drain', 2);
    expect(count('reconcile')).to.equal(1);
    handlers.resubscribed?.();
    await reached('reconcile', 2);
    await reached('drain', 3);
    term.end('stopping');
    await leading;
  });

  it('rebuilds once however many duties find the state gone, then reconciles and drains', async () => {
    let rebuilt = false;
    const gone = async (): Promise<RoundResult> => (rebuilt ? ROUND_DONE : { kind: 'rebuilding' });
    const finished: Array<() => void> = [];
    const { leader, term, reached } = rig({
      rescue: { round: gone },
      estimates: { round: gone },
      reconcile: { round: gone },
      rebuild: {
        run: () =>
          new Promise((resolve) => {
            finished.push(() => {
              rebuilt = true;
              resolve({ kind: 'done' });
            });
          }),
      },
    });
    const leading = leader.lead(term);
    await until(() => finished[0], { timeoutMs: 900, what: 'the rebuild to begin' });
    await reached('drain', 1);
    expect(finished).to.have.length(1);
    finished[0]?.();
    await reached('drain', 2);
    expect(finished).to.have.length(1);
    term.end('stopping');
    await leading;
  });

  it('ends its term when any script knows a later epoch', async () => {
    const { leader, term } = rig({ rescue: { round: async () => ({ kind: 'stale_epoch' }) } });
    await leader.lead(term);
    expect(term.signal.reason).to.equal('stale_epoch');
  });

  it('goes on with its other duties when one fails', async () => {
    const { leader, term, reached } = rig({ rescue: { round: () => Promise.reject(new Error('gone')) } });
    const leading = leader.lead(term);
    await reached('drain', 2, 2_000);
    term.end('stopping');
    await leading;
  });

  it('has ended only when the work under way has, and then listens to nobody', async () => {
    let endRound: (() => void) | undefined;
    const { leader, term, handlers } = rig({
      rescue: {
        round: () =>
          new Promise((resolve) => {
            endRound = () => resolve(ROUND_DONE);
          }),
      },
    });
    let ended = false;
    const leading = leader.lead(term).then(() => {
      ended = true;
    });
    const end = await until(() => endRound, { timeoutMs: 900, what: 'the round to begin' });
    term.end('lock_expired');
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).to.equal(false);
    end();
    await leading;
    expect(handlers).to.deep.equal({});
  });
});
