import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { startRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import { createRedisStore, type RedisStore } from './store.ts';
import { RedisUnavailable } from './unavailable.ts';

const OPEN_MS = 60_000;
const LEASE_MS = 13_000;

describe('what replicas tell each other about model providers', () => {
  let store: OwnClockedStore;
  let other: RedisStore;

  before(async () => {
    store = await ownClockedStore();
    other = await store.another();
  });
  beforeEach(() => store.reset());
  after(() => store.close());

  const open = (by = 'r1', from: RedisStore = store) =>
    from.providers.open('primary', { reason: 'unreachable', by, openMs: OPEN_MS });
  const probe = (holder: string) => store.providers.takeProbe('primary', { holder, leaseMs: LEASE_MS });
  const opening = async () => (await other.providers.read(['primary', 'backup'])).openings.get('primary');
  const reopen = (no: number, holder: string) =>
    store.providers.reopen('primary', { no, holder, reason: 'slow', by: 'r2', openMs: OPEN_MS });

  describe('the breaker', () => {
    it('is opened once by replicas that find the same fault at once, and all of them hear the same', async () => {
      const answers = await Promise.all([open('r1'), open('r2', other), open('r3')]);
      expect(answers.filter(({ opened }) => opened)).to.have.length(1);
      const [first] = answers;
      for (const answer of answers) expect(answer.opening).to.deep.equal(first.opening);
      expect(await opening()).to.deep.equal({
        no: first.opening.no,
        reason: 'unreachable',
        by: first.opening.by,
        openedAt: store.clock.now,
        probeInMs: OPEN_MS,
        probing: false,
      });
      expect((await other.providers.read(['backup'])).openings.size).to.equal(0);
    });

    it('opens again under a greater number, also after the last opening has lapsed', async () => {
      const first = (await open()).opening.no;
      await store.providers.close('primary', { no: first });
      const second = (await open()).opening.no;
      expect(second).to.be.greaterThan(first);
      await store.clock.advance(2 * OPEN_MS);
      expect(await opening()).to.equal(undefined);
      expect((await open()).opening.no).to.be.greaterThan(second);
    });

    it('is forgotten one period after its probe was due, when nobody is left to probe', async () => {
      await open();
      await store.clock.advance(2 * OPEN_MS - 1);
      expect(await opening()).to.include({ probeInMs: 0 });
      await store.clock.advance(1);
      expect(await opening()).to.equal(undefined);
    });

    it('is not closed by what was found out about an earlier opening', async () => {
      const { no } = (await open()).opening;
      expect(await store.providers.close('primary', { no })).to.equal(true);
      const later = (await open()).opening.no;
      expect(await store.providers.close('primary', { no })).to.equal(false);
      expect(await opening()).to.include({ no: later });
    });

    it('tells every replica of each change', async () => {
      let heard = 0;
      const end = other.channels.onProviders(() => heard++);
      const { no } = (await open()).opening;
      await store.clock.advance(OPEN_MS);
      await probe('r1');
      await reopen(no, 'r1');
      await store.providers.close('primary', { no });
      await store.providers.force('backup');
      await until(() => heard === 5, { timeoutMs: 2_000, what: 'five messages' });
      end();
    });
  });

  describe('the probe', () => {
    it('is not due before its time', async () => {
      await open();
      await store.clock.advance(OPEN_MS - 1);
      expect(await probe('r1')).to.deep.equal({ kind: 'wait', ms: 1 });
      await store.clock.advance(1);
      expect(await probe('r1')).to.include({ kind: 'taken' });
    });

    it('is given to one of many, and shown to all', async () => {
      await open();
      await store.clock.advance(OPEN_MS);
      const answers = await Promise.all(['r1', 'r2', 'r3', 'r4'].map(probe));
      expect(answers.filter(({ kind }) => kind === 'taken')).to.have.length(1);
      expect(answers.filter(({ kind }) => kind === 'wait')).to.deep.equal(
        Array.from({ length: 3 }, () => ({ kind: 'wait', ms: LEASE_MS })),
      );
      expect(await opening()).to.include({ probing: true });
    });

    it('of one who was killed lapses, and the next has it', async () => {
      const { no } = (await open()).opening;
      await store.clock.advance(OPEN_MS);
      await probe('killed');
      await store.clock.advance(LEASE_MS - 1);
      expect(await probe('r2')).to.deep.equal({ kind: 'wait', ms: 1 });
      await store.clock.advance(1);
      expect(await probe('r2')).to.deep.equal({ kind: 'taken', no });
      expect(await reopen(no, 'killed')).to.equal(false);
      await store.providers.releaseProbe('primary', { no, holder: 'killed' });
      expect(await probe('r3')).to.deep.equal({ kind: 'wait', ms: LEASE_MS });
    });

    it('keeps the opening alive that it probes, so that it is not forgotten under it', async () => {
      await open();
      await store.clock.advance(2 * OPEN_MS - 1);
      expect(await probe('r1')).to.include({ kind: 'taken' });
      await store.clock.advance(LEASE_MS);
      expect(await opening()).to.include({ probing: false, probeInMs: 0 });
    });

    it('that fails leaves the provider alone for another period', async () => {
      const { no } = (await open()).opening;
      await store.clock.advance(OPEN_MS);
      await probe('r2');
      expect(await reopen(no, 'r2')).to.equal(true);
      expect(await opening()).to.include({ no, reason: 'slow', probeInMs: OPEN_MS, probing: false });
      expect(await probe('r1')).to.deep.equal({ kind: 'wait', ms: OPEN_MS });
    });

    it('without an outcome is repeated a second later', async () => {
      const { no } = (await open()).opening;
      await store.clock.advance(OPEN_MS);
      await probe('r2');
      await store.providers.releaseProbe('primary', { no, holder: 'r2' });
      expect(await probe('r1')).to.deep.equal({ kind: 'wait', ms: 1_000 });
    });

    it('of a later opening is not ended by what its holder found out about an earlier one', async () => {
      const { no } = (await open()).opening;
      await store.clock.advance(OPEN_MS);
      await probe('r1');
      await store.providers.close('primary', { no });
      await open();
      await store.clock.advance(OPEN_MS);
      await probe('r1');
      expect(await reopen(no, 'r1')).to.equal(false);
      await store.providers.releaseProbe('primary', { no, holder: 'r1' });
      expect(await opening()).to.include({ probing: true });
    });

    it('of a closed breaker is no question', async () => {
      expect(await probe('r1')).to.deep.equal({ kind: 'closed' });
    });
  });

  describe('the retry budget', () => {
    let tokens = 0;
    const take = (replica: string, activeCalls: number, leaseMs = 5_000) =>
      store.providers.takeRetry({ replica, activeCalls, leaseMs, token: `t${++tokens}` });

    it('lets three repeat however few calls there are, and the fourth when one is done', async () => {
      expect(await Promise.all([1, 2, 3, 4].map(() => take('r1', 1)))).to.deep.equal([true, true, true, false]);
      await store.providers.releaseRetry(`t${tokens - 1}`);
      expect(await take('r1', 1)).to.equal(true);
    });

    it('is a fifth of the calls of all replicas together', async () => {
      await store.providers.reportActive('r1', 20);
      await store.providers.reportActive('r2', 14);
      const answers = [];
      for (let retry = 0; retry < 8; retry++) answers.push(await take('r3', 1));
      expect(answers.filter(Boolean)).to.have.length(7);
    });

    it('counts no replica that has not reported for ten seconds', async () => {
      await store.providers.reportActive('dead', 1_000);
      await store.clock.advance(10_000);
      const answers = [];
      for (let retry = 0; retry < 5; retry++) answers.push(await take('r1', 1));
      expect(answers.filter(Boolean)).to.have.length(3);
    });

    it('gets back the places of a replica that died with them', async () => {
      for (let retry = 0; retry < 3; retry++) await take('dead', 1, 5_000);
      expect(await take('r1', 1)).to.equal(false);
      await store.clock.advance(5_000);
      expect(await take('r1', 1)).to.equal(true);
    });
  });

  describe('the rate limit', () => {
    it('spaces calls evenly over all replicas', async () => {
      const waits = [];
      for (let call = 0; call < 4; call++)
        waits.push(await (call % 2 ? store : other).providers.reserveCall('primary', 30));
      expect(waits).to.deep.equal([0, 2_000, 4_000, 6_000]);
      await store.clock.advance(7_000);
      expect(await store.providers.reserveCall('primary', 30)).to.equal(1_000);
    });

    it('lets a second’s worth through at once', async () => {
      const waits = [];
      for (let call = 0; call < 12; call++) waits.push(await store.providers.reserveCall('primary', 600));
      expect(waits).to.deep.equal([...Array(10).fill(0), 100, 200]);
    });

    it('answers a full minute only when nothing was booked', async () => {
      for (let call = 0; call < 60; call++) await store.providers.reserveCall('primary', 60);
      for (let call = 0; call < 3; call++) expect(await store.providers.reserveCall('primary', 60)).to.equal(60_000);
      await store.clock.advance(1);
      expect(await store.providers.reserveCall('primary', 60)).to.equal(59_999);
    });

    it('books nothing for those who would wait longer than a minute', async () => {
      for (let call = 0; call < 200; call++) await store.providers.reserveCall('primary', 60);
      expect(await store.providers.reserveCall('primary', 60)).to.equal(60_000);
      await store.clock.advance(1_000);
      expect(await store.providers.reserveCall('primary', 60)).to.be.below(60_001);
      await store.clock.advance(62_000);
      expect(await store.providers.reserveCall('primary', 60)).to.equal(0);
    });
  });

  it('keeps the choice of an administrator until it is taken back', async () => {
    await store.providers.force('backup');
    expect((await other.providers.read([])).forced).to.equal('backup');
    await store.providers.force(null);
    expect((await other.providers.read([])).forced).to.equal(null);
  });

  it('gives each switched user to one replica only', async () => {
    for (const user of ['ann', 'bob', 'ann', 'cy']) await store.providers.noteSwitched(user);
    const taken = await Promise.all([store.providers.takeSwitched(2), other.providers.takeSwitched(2)]);
    expect(taken.flat()).to.have.members(['ann', 'bob', 'cy']);
    expect(await store.providers.takeSwitched(10)).to.deep.equal([]);
  });

  it('remembers the last twenty failures, newest first', async () => {
    const at = Date.now();
    for (let status = 500; status < 525; status++)
      await store.providers.noteFailure('primary', { at, kind: 'server_error', status, replica: 'r1' });
    const failures = await other.providers.recentFailures('primary');
    expect(failures.map(({ status }) => status)).to.deep.equal(Array.from({ length: 20 }, (_, n) => 524 - n));
    await store.providers.noteFailure('backup', { at: at - 3_600_001, kind: 'slow', status: null, replica: 'r1' });
    expect(await other.providers.recentFailures('backup')).to.deep.equal([]);
  });
});

describe('what replicas tell each other about model providers, without Redis', () => {
  it('is refused as "not available", whatever is asked', async () => {
    const server = await startRedis();
    const store = createRedisStore({ url: server.url, prefix: 'test', log: recordedLog() });
    after(() => store.close());
    await store.connections.ready();
    await server.stop();
    const { providers } = store;
    const calls: Array<Promise<unknown>> = [
      providers.open('primary', { reason: 'slow', by: 'r1', openMs: 1 }),
      providers.read(['primary']),
      providers.force('backup'),
      providers.reopen('primary', { no: 1, holder: 'r1', reason: 'slow', by: 'r1', openMs: 1 }),
      providers.close('primary', { no: 1 }),
      providers.takeProbe('primary', { holder: 'r1', leaseMs: 1 }),
      providers.releaseProbe('primary', { no: 1, holder: 'r1' }),
      providers.recentFailures('primary'),
      providers.noteSwitched('ann'),
      providers.reportActive('r1', 1),
      providers.releaseRetry('t'),
      providers.reserveCall('primary', 60),
      providers.noteFailure('primary', { at: 0, kind: 'slow', status: null, replica: 'r1' }),
      providers.takeSwitched(1),
      providers.takeRetry({ replica: 'r1', activeCalls: 1, token: 't', leaseMs: 1 }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome.status).to.equal('rejected');
      expect((outcome as PromiseRejectedResult).reason).to.be.instanceOf(RedisUnavailable);
    }
  });
});
