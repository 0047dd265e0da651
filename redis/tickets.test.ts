import { expect } from 'chai';
import { ownStore } from '../tests/support/own-store.ts';
import type { RedisStore } from './store.ts';

describe('tickets', () => {
  let store: RedisStore;
  let prefix: string;
  let close: () => Promise<void>;

  before(async () => {
    ({ store, prefix, close } = await ownStore());
  });
  after(() => close());

  it('lets its holder in once, however many try at the same time', async () => {
    const holder = { userId: 'ann', role: 'admin', expiresAt: 1_900_000_000_000 } as const;
    const ticket = await store.tickets.issue(holder);
    const answers = await Promise.all(Array.from({ length: 5 }, () => store.tickets.redeem(ticket)));
    expect(answers.filter((answer) => answer !== null)).to.deep.equal([holder]);
  });

  it('lapses after 30 s', async () => {
    const ticket = await store.tickets.issue({ userId: 'ann', role: 'user', expiresAt: Date.now() + 60_000 });
    expect(await store.connections.command.pttl(`${prefix}:{t:${ticket}}`)).to.be.within(29_000, 30_000);
  });

  it('no two are alike, and what is none opens nothing', async () => {
    const tickets = await Promise.all(
      Array.from({ length: 50 }, () =>
        store.tickets.issue({ userId: 'ann', role: 'user', expiresAt: Date.now() + 60_000 }),
      ),
    );
    expect(new Set(tickets)).to.have.property('size', 50);
    await store.connections.command.set(`${prefix}:{t:forged}`, '{"userId":"ann","role":"admin"}');
    for (const text of ['', 'forged', '*', 'x'.repeat(10_000), 'x'.repeat(43)])
      expect(await store.tickets.redeem(text)).to.equal(null);
  });
});
