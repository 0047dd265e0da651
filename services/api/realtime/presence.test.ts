import { expect } from 'chai';
import { RIG_LIMITS, type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { until } from '../../../tests/support/until.ts';
import { Presence } from './presence.ts';

describe('Presence', () => {
  let rig: Rig;
  let gateways: RigGateway[];
  before(async () => {
    rig = await startRig();
    gateways = [await rig.gateway(), await rig.gateway(), await rig.gateway()];
  });
  after(() => rig.close());

  const counted = (users: number) =>
    until(async () => (await rig.usersCounted()) === users, { timeoutMs: 5_000, what: `${users} users` });
  const presence = () =>
    new Presence({ replica: 'lone', leases: rig.store.users, onLevel: () => {}, log: recordedLog() });

  it('counts five tabs on three gateways as one user, until the last one is closed', async () => {
    const tabs = [0, 1, 2, 0, 1].map((n) => rig.connect(gateways[n] as RigGateway, 'ann'));
    await Promise.all(tabs.map((tab) => tab.greeted()));
    expect(await rig.usersCounted()).to.equal(1);
    for (const tab of tabs.slice(1)) await tab.close();
    await until(() => gateways.reduce((sum, { realtime }) => sum + realtime.sockets, 0) === 1, {
      timeoutMs: 5_000,
      what: 'one socket',
    });
    expect(await rig.usersCounted()).to.equal(1);
    await tabs[0]?.close();
    await counted(0);
  });

  it('ends with the truth, however fast a user comes and goes', async () => {
    const lone = presence();
    const users = Array.from({ length: 20 }, (_, n) => `hasty-${n}`);
    await Promise.all(
      users.map(async (user, n) => {
        for (let i = 0; i < 30; i++) {
          const entered = lone.enter(user);
          if ((i + n) % 3 === 0) await entered;
          lone.leave(user);
          if ((i + n) % 5 === 0) await new Promise(setImmediate);
        }
        if (n < 7) await lone.enter(user);
      }),
    );
    await counted(7);
    await lone.stop();
    expect(await rig.usersCounted()).to.equal(0);
  });

  it('asks Redis once for a user with many tabs, and shares a script between users who come together', async () => {
    const calls: string[][] = [];
    const leases = {
      join: (replica: string, users: readonly string[]) => {
        calls.push([...users]);
        return rig.store.users.join(replica, users);
      },
      leave: (replica: string, users: readonly string[]) => rig.store.users.leave(replica, users),
    };
    const lone = new Presence({ replica: 'lone', leases, onLevel: () => {}, log: recordedLog() });
    await Promise.all(['a', 'b', 'c', 'a'].map((user) => lone.enter(user)));
    for (let i = 0; i < 5; i++) await lone.enter('a');
    expect(calls).to.deep.equal([['a', 'b', 'c']]);
    await lone.stop();
  });

  it('renews in batches of at most 1000 users', async () => {
    const sizes: number[] = [];
    const leases = {
      join: (replica: string, users: readonly string[]) => {
        sizes.push(users.length);
        return rig.store.users.join(replica, users);
      },
      leave: (replica: string, users: readonly string[]) => rig.store.users.leave(replica, users),
    };
    await rig.store.cluster.setLimits({ ...RIG_LIMITS, max_users: 10_000 });
    const lone = new Presence({ replica: 'lone', leases, onLevel: () => {}, log: recordedLog() });
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => lone.enter(`many-${n}`)));
    sizes.length = 0;
    await lone.renew();
    expect(sizes).to.deep.equal([1_000, 1_000, 500]);
    await lone.stop();
    expect(await rig.usersCounted()).to.equal(0);
  });

  it('lets everybody in while Redis is away, and registers them when it is back', async () => {
    let away = true;
    const guard = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
      return (...args: Args) => (away ? Promise.reject(new Error('away')) : call(...args));
    };
    const { users } = rig.store;
    const log = recordedLog();
    const leases = { join: guard(users.join.bind(users)), leave: guard(users.leave.bind(users)) };
    const lone = new Presence({ replica: 'lone', leases, onLevel: () => {}, log });
    expect(await Promise.all(['x', 'y', 'x'].map((user) => lone.enter(user)))).to.deep.equal([
      'unknown',
      'unknown',
      'unknown',
    ]);
    lone.leave('y');
    expect(await rig.usersCounted()).to.equal(0);
    away = false;
    await lone.renew();
    expect(await rig.usersCounted()).to.equal(1);
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['warn', 'info']);
    await lone.stop();
  });
});
