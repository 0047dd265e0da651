import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import { until } from '../tests/support/until.ts';
import type { RedisStore } from './store.ts';

const OPEN_MS = 60_000;
const LEASE_MS = 13_000;

describe('the breakers of model providers, which all replicas share', () => {
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
      await until(() => heard === 5, { timeoutMs: 5_000, what: 'five messages' });
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
});
