import { expect } from 'chai';
import { RIG_LIMITS, type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import type { TestSocket } from '../../../tests/support/test-socket.ts';
import { until } from '../../../tests/support/until.ts';

describe('WORKFLOW_POSITION', () => {
  let rig: Rig;
  let gateway: RigGateway;
  /** When each round of the gateway asked for places (Unix ms). */
  let rounds: number[];
  beforeEach(async () => {
    rig = await startRig();
    // No slot at all: everything waits.
    await rig.store.rebuild.begin(1);
    await rig.store.rebuild.finish(1, { generation: 'g', maxGrantNo: 0, limits: { ...RIG_LIMITS, max_workflows: 0 } });
    rounds = [];
    gateway = await rig.gateway({
      between: (store) => ({
        ...store,
        queue: Object.assign(Object.create(store.queue), {
          positions: (runIds: readonly string[]) => {
            rounds.push(Date.now());
            return store.queue.positions(runIds);
          },
        }),
      }),
    });
  });
  afterEach(() => rig.close());

  const connect = (userId: string, query = ''): TestSocket => rig.connect(gateway, userId, { query });
  /** Ids of runs, queued one after the other. */
  const startMany = async (userId: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push((await rig.startRun(userId)).id);
    return ids;
  };
  /** Places as the socket last heard them. */
  const places = (socket: TestSocket): Record<string, number | null> => {
    const known: Record<string, number | null> = {};
    for (const frame of socket.frames) {
      if (frame.type === 'SNAPSHOT') for (const run of frame.data.runs) known[run.run_id] = run.queue?.position ?? null;
      if (frame.type === 'WORKFLOW_POSITION') for (const run of frame.data.runs) known[run.run_id] = run.position;
    }
    return known;
  };
  const hears = (socket: TestSocket, runId: string, position: number) =>
    until(() => places(socket)[runId] === position, { timeoutMs: 5_000, what: `position ${position}` });

  it('is in the snapshot, and moves with every departure in front', async () => {
    const ahead = [await rig.startRun('zoe'), await rig.startRun('zoe')];
    const mine = await rig.startRun('ann');
    const socket = connect('ann');
    await socket.greeted();
    expect(places(socket)).to.deep.equal({ [mine.id]: 3 });
    await rig.store.queue.cancel(ahead[0]?.id ?? '');
    await hears(socket, mine.id, 2);
    await rig.store.queue.cancel(ahead[1]?.id ?? '');
    await hears(socket, mine.id, 1);
    const [frame] = socket.ofType('WORKFLOW_POSITION');
    expect(frame?.data.runs[0]).to.have.all.keys('run_id', 'position', 'estimated_wait_seconds', 'expires_at');
    expect(frame).to.not.have.property('offset');
  });

  it('comes at most once a second, with all changed runs in one frame, and only to users whose places changed', async () => {
    const ahead = await startMany('zoe', 9);
    const mine = await startMany('ann', 2);
    const between = await startMany('zoe', 3);
    const behind = await startMany('bob', 1);
    const [ann, bob] = [connect('ann'), connect('bob')];
    await Promise.all([ann.greeted(), bob.greeted()]);
    for (const round of [3, 2, 1]) {
      await Promise.all(ahead.splice(0, 3).map((id) => rig.store.queue.cancel(id)));
      await hears(ann, mine[0] ?? '', 3 * round - 2);
    }
    expect(places(ann)[mine[1] ?? '']).to.equal(2);
    const told = ann.ofType('WORKFLOW_POSITION');
    expect(told).to.have.length(3);
    for (const frame of told) expect(frame.data.runs).to.have.length(2);
    // How long Redis takes to answer a round is not the round's: each is a second after the one before, and tells once.
    const roundOf = (frame: { at: string }) => rounds.findLast((round) => round <= Date.parse(frame.at)) ?? 0;
    const times = told.map(roundOf);
    for (let i = 1; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).to.be.greaterThan(900);
    for (const [index, id] of between.entries()) {
      await rig.store.queue.cancel(id);
      await hears(bob, behind[0] ?? '', 5 - index);
    }
    expect(ann.ofType('WORKFLOW_POSITION')).to.have.length(3);
  });

  it('reaches all tabs of a user, those that were resumed too, and stops when the run leaves the queue', async () => {
    const [first = ''] = await startMany('zoe', 1);
    const [mine = ''] = await startMany('ann', 1);
    const fresh = connect('ann');
    const { epoch } = await fresh.greeted();
    const resumed = connect('ann', `?epoch=${epoch}&offset=0`);
    await hears(resumed, mine, 2);
    await rig.store.queue.cancel(first);
    await Promise.all([fresh, resumed].map((socket) => hears(socket, mine, 1)));
    const data = { message: '', run_id: mine, workflow_id: 'w', workflow_name: 'n' };
    await rig.store.events.publish([{ userId: 'ann', type: 'WORKFLOW_CANCELLED', data }]);
    await fresh.has((frames) => frames.at(-1)?.type === 'WORKFLOW_CANCELLED', 'the end');
    const [other = ''] = await startMany('bob', 1);
    const bob = connect('bob');
    await bob.greeted();
    await rig.store.queue.cancel(mine);
    await hears(bob, other, 1);
    expect(fresh.frames.at(-1)?.type).to.equal('WORKFLOW_CANCELLED');
  });

  it('is never told after the run has started, even if the queue was asked before', async () => {
    const [first = ''] = await startMany('zoe', 1);
    const [mine = ''] = await startMany('ann', 1);
    const data = { message: '', run_id: mine, workflow_id: 'w', workflow_name: 'n', attempt: 1, step_count: 1 };
    let socket: TestSocket | undefined;
    let asked = 0;
    gateway = await rig.gateway({
      between: (store) => ({
        ...store,
        queue: Object.assign(Object.create(store.queue), {
          positions: async (runIds: readonly string[]) => {
            if (++asked > 1) return store.queue.positions(runIds);
            await rig.store.queue.cancel(first);
            const answer = await store.queue.positions(runIds);
            await rig.store.events.publish([{ userId: 'ann', type: 'WORKFLOW_STARTING', data }]);
            await socket?.has((frames) => frames.some(({ type }) => type === 'WORKFLOW_STARTING'), 'the start');
            return answer;
          },
        }),
      }),
    });
    socket = connect('ann');
    await socket.has((frames) => frames.some(({ type }) => type === 'WORKFLOW_STARTING'), 'the start');
    const [other = ''] = await startMany('bob', 1);
    const bob = connect('bob');
    await bob.greeted();
    await rig.store.queue.cancel(mine);
    await hears(bob, other, 1);
    expect(socket.ofType('WORKFLOW_POSITION')).to.have.length(0);
  });

  it('follows a run that is queued while the socket is open, and carries the estimate of the leader', async () => {
    const ann = connect('ann');
    await ann.greeted();
    const [first = ''] = await startMany('zoe', 1);
    const [mine = ''] = await startMany('ann', 1);
    const expires_at = new Date(Date.now() + 300_000).toISOString();
    const place = { position: 2, estimated_wait_seconds: null, expires_at };
    const data = { message: '', run_id: mine, workflow_id: 'w', workflow_name: 'n', priority: 'normal' as const };
    await rig.store.events.publish([{ userId: 'ann', type: 'WORKFLOW_QUEUED', data: { ...data, ...place } }]);
    await ann.has((frames) => frames.at(-1)?.type === 'WORKFLOW_QUEUED', 'the event');
    await rig.store.cluster.publishEstimate({ at: Date.now(), seconds: [7, 14] });
    await rig.store.queue.cancel(first);
    await hears(ann, mine, 1);
    expect(ann.ofType('WORKFLOW_POSITION').at(-1)?.data.runs[0]).to.include({
      run_id: mine,
      estimated_wait_seconds: 7,
    });
  });
});
