import { expect } from 'chai';
import { type OwnClockedStore, ownClockedStore } from '../tests/support/own-clocked-store.ts';
import type { RedisStore } from './store.ts';

describe('how much replicas together may ask of model providers', () => {
  let store: OwnClockedStore;
  let other: RedisStore;

  before(async () => {
    store = await ownClockedStore();
    other = await store.another();
  });
  beforeEach(() => store.reset());
  after(() => store.close());

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
});
