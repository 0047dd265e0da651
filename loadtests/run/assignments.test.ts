import { expect } from 'chai';
import type { Profile } from '../profiles/profile.ts';
import { cast } from './assignments.ts';

const SECOND = 1_000;
const END = Number.MAX_SAFE_INTEGER;
/** Four come within 2 s and leave within 2 s, ten seconds later: each stays for ten. */
const PROFILE: Profile = {
  about: '',
  habit: 'workflows',
  waves: [{ users: 4, at: 0, arriveOver: 2, leaveAt: 10, leaveOver: 2 }],
};

describe('the cast of a load test', () => {
  const castBegun = (secondsAgo: number) =>
    cast({
      prefix: 'p',
      profile: PROFILE,
      access: { url: 'http://127.0.0.1:1', isLocal: false, token: async (userId) => userId },
      regions: [{ name: 'local', rttMs: 0 }],
      workflows: { quick: 'q', model: 'm', long: 'l' },
      beganAt: Date.now() - secondsAgo * SECOND,
      graceMs: 0,
      spreadAddresses: false,
    });

  it('who comes in time, or a moment early, is there for all of it', async () => {
    const { assign, presence } = castBegun(0);
    const users = [await assign(), await assign(), await assign(), await assign()];
    expect(presence(END)).to.be.closeTo(1, 0.01);
    expect(new Set(users.map(({ userId }) => userId))).to.have.length(4);
    const [first, , , last] = users.map(({ leaveAt }) => leaveAt);
    expect((last ?? 0) - (first ?? 0), 'they leave one after the other').to.equal(1.5 * SECOND);
  });

  it('nobody is there after a run that was ended early', async () => {
    const { assign, presence } = castBegun(0);
    for (let n = 0; n < 4; n++) await assign();
    // Of four who come at 0, 0.5, 1 and 1.5 s, three have come after a second, the first a second ago.
    expect(presence(Date.now() + SECOND)).to.be.closeTo(1.5 / 40, 0.005);
  });

  it('who comes late, after everybody has left, or not at all, is missed', async () => {
    const late = castBegun(5);
    await late.assign();
    expect(late.presence(END), 'five of forty seconds').to.be.closeTo(0.125, 0.01);
    const after = castBegun(20);
    await after.assign();
    expect(after.presence(END)).to.equal(0);
  });
});
