import { expect } from 'chai';
import type { ClusterReplica } from '../../services/local/local-cluster.ts';
import type { Position } from '../../shared/protocol/client/stream-position.ts';
import type { Heard, Listener } from '../support/cluster/listener.ts';
import { startOwnReplica } from '../support/cluster/own-replica.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';

/** Steps of a run, each two events. */
const STEPS = 20;
const USERS = 12;
/** A step lasts (s). */
const STEP_SECONDS = 0.1;
const EVENTS_PER_RUN = 2 * STEPS + 2;

describe('live events over changing replicas', function () {
  this.timeout(60_000);
  let stage: Stage;
  let workflow_id: string;

  // The worker is out of the way of what is done to the replicas with the sockets, and Nginx does not know it.
  before(async function () {
    this.timeout(90_000);
    stage = await Stage.open({ settings: { ROLES: 'api,dispatcher', WEIR_MAX_WORKFLOWS: '20' } });
    await startOwnReplica(stage.cluster, 'replica-worker', { ROLES: 'api,worker' });
    const steps = Array.from({ length: STEPS }, (_, n) => delayStep(`step-${n + 1}`, STEP_SECONDS));
    workflow_id = await stage.workflow('eventful', ...steps);
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  const brief = ({ offset, type, data }: Heard) => ({ offset, type, data });

  /** What the user's stream holds, which is what everybody must have heard. */
  async function stream(userId: string) {
    const frames = await stage.store.events.history(userId, 1);
    return frames.map((frame) => brief({ ...frame, heardAt: 0 }));
  }

  it('a client that leaves after every event and comes back on the next replica hears every event once, in order', async () => {
    const ada = stage.person('ada');
    const heard: Heard[] = [];
    let position: Position | null = null;
    let hops = 0;
    const greetings = new Set<string>();

    const hop = async (): Promise<void> => {
      const listener: Listener = ada.listen(stage.replica(++hops), { position });
      await listener.heard(() => listener.stored.length > 0, 'an event', 15_000);
      await listener.close();
      greetings.add(listener.frames[0]?.type ?? 'none');
      heard.push(...listener.stored);
      position = listener.connection.resumePosition;
    };
    // The stream begins with the first socket.
    const first = await ada.listen(stage.replica(1)).live();
    position = first.connection.resumePosition;
    await first.close();

    const runs = 3;
    for (let n = 1; n <= runs; n++) await ada.start({ workflow_id }, { at: stage.replica(n) });
    while (heard.length < runs * EVENTS_PER_RUN) await hop();

    expect(heard.map(brief)).to.deep.equal(await stream('ada'));
    expect(heard.map(({ offset }) => offset)).to.deep.equal(heard.map((_, index) => index + 1));
    expect([...greetings], 'nobody needed a snapshot').to.deep.equal(['RESUMED']);
    expect(hops).to.be.greaterThan(15);
  });

  it('when a replica is killed under its sockets they are all resumed elsewhere within 3 seconds, without a gap', async () => {
    const people = Array.from({ length: USERS }, (_, n) => stage.person(`user-${n}`));
    const listeners = await Promise.all(people.map((person) => person.listen().live()));
    await Promise.all(people.map((person) => person.start({ workflow_id })));
    await Promise.all(listeners.map((listener) => listener.heard(() => listener.stored.length >= 5, 'some events')));

    const [holder] = listeners;
    const victim = stage.cluster.replicas.find(({ id }) => id === holder?.replica) as ClusterReplica;
    const affected = listeners.filter((listener) => listener.replica === victim.id);
    const killedAt = Date.now();
    await victim.kill();
    const back = await Promise.all(
      affected.map((listener) =>
        listener.heard(
          () => listener.states.find((state) => state.kind === 'live' && state.at > killedAt),
          'to be back',
        ),
      ),
    );
    const slowest = Math.max(...back.map((state) => state.at)) - killedAt;
    expect(slowest).to.be.at.most(3_000);
    for (const state of back) expect(state).to.include({ recovered: true }).and.not.include({ replica: victim.id });

    for (const [index, listener] of listeners.entries()) {
      await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').length === 1, 'the end of the run', 15_000);
      expect(listener.stored.map(brief), `events of user ${index}`).to.deep.equal(await stream(`user-${index}`));
      expect(listener.stored).to.have.length(EVENTS_PER_RUN);
      expect(listener.ofType('SNAPSHOT'), 'only the first greeting').to.have.length(1);
    }
    await victim.start();
  });
});
