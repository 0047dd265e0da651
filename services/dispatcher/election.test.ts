import { expect } from 'chai';
import { LEASES } from '../../redis/leases.ts';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { until } from '../../tests/support/until.ts';
import { Election, type ElectionDeps } from './election.ts';
import type { Term } from './term.ts';

/** A term as its candidate saw it; times are monotonic ms. */
interface Led {
  candidate: string;
  term: Term;
  from: number;
  to: number | null;
}

describe('Election', () => {
  let rig: DispatcherRig;
  let led: Led[];
  let elections: Election[];

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    led = [];
    elections = [];
  });
  afterEach(async () => {
    await Promise.all(elections.map((election) => election.stop()));
    await rig.close();
  });

  /** Leads by noting it down, with connections of its own. */
  const candidate = (name: string, changes: (deps: ElectionDeps) => Partial<ElectionDeps> = () => ({})) => {
    const { store, metrics, log, kill } = rig.dispatcher(name);
    const lead = (term: Term) => {
      const entry: Led = { candidate: name, term, from: performance.now(), to: null };
      led.push(entry);
      return new Promise<void>((resolve) => {
        const end = () => {
          entry.to = performance.now();
          resolve();
        };
        if (term.signal.aborted) end();
        else term.signal.addEventListener('abort', end, { once: true });
      });
    };
    const { lock, cluster, channels } = store;
    const deps = {
      replica: name,
      lock,
      epochs: rig.db.epochs,
      cluster,
      channels,
      lead,
      metrics: metrics.capacity,
      log,
    };
    const election = new Election({ ...deps, ...changes(deps) });
    elections.push(election);
    return { election, store, metrics, log, kill };
  };
  const altered = (lock: ElectionDeps['lock'], changes: Partial<ElectionDeps['lock']>): ElectionDeps['lock'] => ({
    tryAcquire: changes.tryAcquire ?? (() => lock.tryAcquire()),
    extend: changes.extend ?? (() => lock.extend()),
    release: changes.release ?? (() => lock.release()),
    get trustedUntil() {
      return lock.trustedUntil;
    },
  });
  const terms = (count: number, timeoutMs = 8_000) =>
    until(() => led[count - 1], { timeoutMs, what: `leadership number ${count}` });
  const messages = (log: { lines: Array<{ message: string; fields: object }> }) =>
    log.lines
      .filter((line) => line.message.startsWith('leadership'))
      .map(({ message, fields }) => ({ message, ...fields }));

  it('makes exactly one of several candidates the leader and says who', async () => {
    const candidates = ['a', 'b', 'c'].map((name) => candidate(name));
    await Promise.all(candidates.map(({ election }) => election.start()));
    const { candidate: winner, term } = await terms(1);
    // Everybody tries once more.
    await Promise.all(candidates.map(({ store }) => store.lock.tryAcquire()));
    expect(led).to.have.length(1);
    const leaders = await Promise.all(candidates.map(({ metrics }) => metricValue(metrics.capacity.leader)));
    expect(leaders.toSorted()).to.deep.equal([0, 0, 1]);
    await rig.openGeneration(0);
    const state = await rig.redis.cluster.read();
    expect(state).to.have.deep.property('leader', { replica: winner, epoch: term.epoch });
  });

  it('leads within a moment of starting', async () => {
    const begun = performance.now();
    await candidate('a').election.start();
    await terms(1);
    expect(performance.now() - begun, 'ms; its second try').to.be.below(LEASES.leader.renewEveryMs);
  });

  it('hands over without a gap when the leader is stopped, whenever the others would have tried next', async () => {
    const first = candidate('a');
    await first.election.start();
    await terms(1);
    let tries = 0;
    const tryAndCount = async (lock: ElectionDeps['lock']) => {
      const acquired = await lock.tryAcquire();
      tries += 1;
      return acquired;
    };
    const { election } = candidate('b', ({ lock }) => ({
      lock: altered(lock, { tryAcquire: () => tryAndCount(lock) }),
    }));
    await election.start();
    // The other one has just tried in vain.
    await until(() => tries === 2, { timeoutMs: 5_000, what: 'a vain try' });
    await first.election.stop();
    const stopped = performance.now();
    const second = await terms(2);
    expect(second.candidate).to.equal('b');
    expect(second.from - stopped, 'ms; the next try by the clock').to.be.below(1_000);
    expect(second.term.epoch).to.be.greaterThan(led[0]?.term.epoch ?? 0);
    const ended = { message: 'leadership ended', reason: 'stopping', epoch: led[0]?.term.epoch };
    expect(messages(first.log).at(-1)).to.include(ended);
    expect(await metricValue(first.metrics.capacity.leader)).to.equal(0);
  });

  it('replaces a killed leader within 6 s', async () => {
    const first = candidate('a');
    await first.election.start();
    await terms(1);
    await candidate('b').election.start();
    const killed = performance.now();
    await first.kill();
    const second = await terms(2);
    expect(second.from - killed).to.be.below(6_000);
  });

  it('stops leading before another can have the lock when its extensions hang', async () => {
    let tries = 0;
    const hanging = candidate('a', ({ lock }) => ({
      lock: altered(lock, {
        // Once only, so that the next to lead is the other one.
        tryAcquire: async () => tries++ === 0 && lock.tryAcquire(),
        extend: () => new Promise(() => {}),
        release: async () => {},
      }),
    }));
    await hanging.election.start();
    await terms(1);
    await candidate('b').election.start();
    const second = await terms(2);
    const [first] = led;
    expect(second.candidate).to.equal('b');
    expect(first?.to).to.be.a('number');
    expect(first?.to ?? 0).to.be.below(second.from);
    expect(messages(hanging.log).at(-1)).to.include({ message: 'leadership ended', reason: 'lock_expired' });
  });

  it('goes on leading by extending its lock', async () => {
    const { election, store } = candidate('a');
    await election.start();
    const { term } = await terms(1);
    const trustedAtFirst = store.lock.trustedUntil;
    await until(() => store.lock.trustedUntil > trustedAtFirst, { timeoutMs: 5_000, what: 'an extension' });
    expect(term.signal.aborted).to.equal(false);
  });

  it('becomes a candidate again after it learns of a later epoch, and gets a greater one', async () => {
    const { election, log } = candidate('a');
    await election.start();
    const first = await terms(1);
    first.term.end('stale_epoch');
    const second = await terms(2);
    expect(second.term.epoch).to.be.greaterThan(first.term.epoch);
    expect(messages(log)[1]).to.include({
      message: 'leadership ended',
      reason: 'stale_epoch',
      epoch: first.term.epoch,
    });
  });

  it('leaves the lock to others while it gets no epoch, and says so once', async () => {
    const { election, log } = candidate('a', () => ({
      epochs: { next: () => Promise.reject(new Error('no Postgres')) },
    }));
    await election.start();
    await until(() => log.lines.length > 0, { timeoutMs: 5_000, what: 'the failure to be logged' });
    await candidate('b').election.start();
    expect((await terms(1)).candidate).to.equal('b');
    expect(log.lines.filter((line) => line.message.includes('no epoch'))).to.have.length(1);
  });

  it('survives a leader whose work fails', async () => {
    let calls = 0;
    const { election, log } = candidate('a', ({ lead }) => ({
      lead: (term) => {
        calls += 1;
        return calls === 1 ? Promise.reject(new Error('broken')) : lead(term);
      },
    }));
    await election.start();
    await terms(1);
    expect(messages(log)[1]).to.include({ message: 'leadership ended', reason: 'failed' });
  });

  it('can be stopped before it starts, and twice', async () => {
    const { election } = candidate('a');
    await election.stop();
    await election.start();
    await Promise.all([election.stop(), election.stop()]);
    expect(led).to.deep.equal([]);
  });
});
