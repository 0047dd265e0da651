import { expect } from 'chai';
import type { LevelState } from '../../../redis/results.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import type { CapacityLevel } from '../../../shared/workflow/capacity-level.ts';
import { letLevelFall } from '../../../tests/support/fallen-level.ts';
import { numberedEvent, numbers } from '../../../tests/support/numbered-events.ts';
import { RIG_LIMITS, type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import type { TestSocket } from '../../../tests/support/test-socket.ts';
import { until } from '../../../tests/support/until.ts';

/** What a socket heard of the level, in order. */
const heard = (socket: TestSocket): string[] =>
  socket.frames.map(({ type }) => type).filter((type) => /^(CAPACITY|DEGRADED)_/.test(type));

describe('announcement of capacity levels', () => {
  let rig: Rig;
  let gateways: RigGateway[];
  let sockets: TestSocket[];
  beforeEach(async () => {
    rig = await startRig();
    await rig.store.cluster.setLimits({ ...RIG_LIMITS, max_users: 10, hard_limit_users: 20 });
    gateways = [await rig.gateway(), await rig.gateway(), await rig.gateway()];
    sockets = [];
  });
  afterEach(() => rig.close());

  /** Users join one after the other, on the gateways in turn, until there are `count`. */
  const fillTo = async (count: number): Promise<void> => {
    while (sockets.length < count) {
      const socket = rig.connect(gateways[sockets.length % 3] as RigGateway, `user-${sockets.length}`);
      sockets.push(socket);
      await socket.greeted();
    }
  };
  const allHeard = (...types: string[]) =>
    until(() => sockets.every((socket) => heard(socket).length >= types.length), {
      timeoutMs: 5_000,
      what: types.join(),
    });
  const expectAll = (...types: string[]): void => {
    for (const socket of sockets) expect(heard(socket)).to.deep.equal(types);
  };
  /** Brings the level down, or up again, by the limit of users. */
  const setMaxUsers = async (max_users: number): Promise<void> => {
    await rig.store.cluster.setLimits({ ...RIG_LIMITS, max_users, hard_limit_users: 0 });
    await letLevelFall(rig.store, rig.prefix);
  };
  /** An announcement that was overtaken by others. */
  const announceLate = async (level: CapacityLevel): Promise<void> => {
    const { sequence } = await rig.store.users.leave('nobody', []);
    const state: LevelState = { level, sequence: sequence - 5, since: 0, activeUsers: 1, maxUsers: 10 };
    await rig.store.connections.command.publish(`${rig.prefix}:{cap}:announce`, JSON.stringify(state));
  };

  it('warns every socket of every gateway once, with the text of the story, when 80 % are reached', async () => {
    await fillTo(7);
    expectAll();
    await fillTo(8);
    await allHeard('CAPACITY_WARNING');
    expectAll('CAPACITY_WARNING');
    for (const socket of sockets) {
      const [warning] = socket.ofType('CAPACITY_WARNING');
      expect(warning?.data).to.deep.equal({
        message: 'High demand - new workflows may be delayed',
        level: 'elevated',
        active_users: 8,
        max_users: 10,
      });
      expect(warning).to.not.have.property('offset');
    }
  });

  it('tells a degradation in addition, once, and warns those who come later after their greeting', async () => {
    await fillTo(10);
    await allHeard('CAPACITY_WARNING', 'DEGRADED_MODE_ACTIVE');
    expectAll('CAPACITY_WARNING', 'DEGRADED_MODE_ACTIVE');
    const late = rig.connect(gateways[1] as RigGateway, 'user-0');
    await late.has(() => heard(late).length === 2, 'the warnings');
    expect(late.frames.map(({ type }) => type)).to.deep.equal(['SNAPSHOT', 'CAPACITY_WARNING', 'DEGRADED_MODE_ACTIVE']);
    expect(late.ofType('SNAPSHOT')[0]?.data.features.disabled).to.deep.equal(['read_receipts', 'presence', 'typing']);
    expect(late.ofType('DEGRADED_MODE_ACTIVE')[0]?.data.message).to.equal(TEXTS.degraded);
    const place = late.ofType('SNAPSHOT')[0];
    await late.close();
    const resumed = rig.connect(gateways[2] as RigGateway, 'user-0', {
      query: `?epoch=${place?.epoch}&offset=${place?.offset}`,
    });
    await resumed.has(() => heard(resumed).length === 2, 'the warnings');
    expect(resumed.frames.map(({ type }) => type)).to.deep.equal([
      'RESUMED',
      'CAPACITY_WARNING',
      'DEGRADED_MODE_ACTIVE',
    ]);
    expect(resumed.ofType('RESUMED')[0]?.data.capacity?.level).to.equal('saturated');
  });

  it('takes back what it said, the innermost first, as the level falls, and says it again when it rises', async () => {
    await fillTo(9);
    const up = ['CAPACITY_WARNING', 'DEGRADED_MODE_ACTIVE'];
    await allHeard(...up);
    await setMaxUsers(11);
    await allHeard(...up, 'DEGRADED_MODE_CLEARED');
    await setMaxUsers(100);
    const down = ['DEGRADED_MODE_CLEARED', 'CAPACITY_CLEARED'];
    await allHeard(...up, ...down);
    await setMaxUsers(9);
    await allHeard(...up, ...down, ...up);
    await setMaxUsers(100);
    await allHeard(...up, ...down, ...up, ...down);
    expectAll(...up, ...down, ...up, ...down);
  });

  it('repairs an announcement that fell into a lost connection', async () => {
    await fillTo(7);
    const { command } = rig.store.connections;
    await Promise.all([
      command.call('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      rig.store.users.join('elsewhere', ['one-more']),
    ]);
    await allHeard('CAPACITY_WARNING');
    expectAll('CAPACITY_WARNING');
  });

  it('is not confused by an announcement that arrives late', async () => {
    await fillTo(8);
    await allHeard('CAPACITY_WARNING');
    await announceLate('normal');
    // Redis delivers in order: who has this event has heard the announcement before.
    await rig.store.events.publish([numberedEvent('user-0', 1)]);
    await sockets[0]?.has((frames) => numbers(frames).length === 1, 'the event');
    const socket = rig.connect(gateways[0] as RigGateway, 'user-0');
    await socket.greeted();
    expect(socket.ofType('SNAPSHOT')[0]?.data.capacity?.level).to.equal('elevated');
    expectAll('CAPACITY_WARNING');
  });
});
