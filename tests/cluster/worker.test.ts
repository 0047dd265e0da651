import { expect } from 'chai';
import type { ClusterReplica } from '../../services/local/local-cluster.ts';
import { CLOSE_CODES } from '../../shared/protocol/close-codes.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import type { Listener } from '../support/cluster/listener.ts';
import { type OwnReplica, startOwnReplica } from '../support/cluster/own-replica.ts';
import { mostAtOnce, type RecordedRun } from '../support/cluster/run-record.ts';
import type { SlotWatch } from '../support/cluster/slot-watch.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { type ScriptedServer, scriptedServer } from '../support/worker/scripted-server.ts';

const SLOTS = 12;
/** Of the replica that is stopped, shorter than what is left of its runs (s). */
const GRACE_SECONDS = 5;
/** What the configuration promises: exit follows within this after the grace (s). */
const EXIT_WITHIN_SECONDS = 10;
/** One lease of a slot and what the leader and the next worker may take beyond it (ms). */
const RESCUED_WITHIN_MS = 17_000;

/**
 * One story, because a lost lease takes 15 s: of four replicas that all work, one is stopped, one killed and one frozen, all in the
 * same moment and in the middle of their runs; the last one goes on with everything, and the frozen one comes back.
 */
describe('workers, lost in the middle of their runs', function () {
  this.timeout(60_000);
  let stage: Stage;
  let hooks: ScriptedServer;
  let watch: SlotWatch;
  let killed: ClusterReplica;
  let frozen: ClusterReplica;
  let survivor: ClusterReplica;
  let stopped: OwnReplica;
  /** Hears everything, at the survivor. */
  let listener: Listener;
  /** Was connected to the replica that is stopped. */
  let moved: Listener;
  /** As they were when it happened. */
  let chained: RecordedRun[];
  let extras: string[];
  /** Unix ms. */
  let lostAt: number;

  const call = (name: string): Step => ({ name, type: 'webhook', config: { url: hooks.url } });
  const heldBy = (replica: { id: string }) => chained.filter((run) => run.worker === replica.id).map((run) => run.id);
  const callsOf = (runId: string, step: string) =>
    hooks.seen.filter(({ headers }) => headers['idempotency-key'] === `${runId}:${step}`).length;

  before(async function () {
    this.timeout(120_000);
    hooks = await scriptedServer();
    stage = await Stage.open({ settings: { WEIR_MAX_WORKFLOWS: String(SLOTS), WEIR_QUEUE_MAX_PER_USER: '100' } });
    const ownSettings = {
      WEIR_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1!',
      WEIR_SHUTDOWN_GRACE_SECONDS: String(GRACE_SECONDS),
    };
    stopped = await startOwnReplica(stage.cluster, 'replica-own', ownSettings);
    killed = await stage.leader();
    const others = stage.cluster.replicas.filter((replica) => replica !== killed);
    [frozen, survivor] = others as [ClusterReplica, ClusterReplica];
    const steps = [call('first'), delayStep('pause', 3), call('second'), delayStep('rest', 6), call('third')];
    const chain = await stage.workflow('chain', ...steps);
    const short = await stage.workflow('short', call('only'));

    const ada = stage.person('ada');
    listener = await ada.listen(survivor).live();
    moved = await connectThenMove();
    watch = stage.watchSlots();
    const startAll = async (workflow_id: string, count: number) => {
      const starts = Array.from({ length: count }, () => ada.start({ workflow_id }, { at: survivor }));
      return (await Promise.all(starts)).map(({ body }) => body.run_id);
    };
    const ids = await startAll(chain, SLOTS);
    // With every slot taken, these show that no slot is given away before its run has ended.
    extras = await startAll(short, 10);
    chained = await until(
      async () => {
        const now = await stage.record.runs(ids);
        return now.every((run) => run.currentStep === 1) && now;
      },
      { timeoutMs: 10_000, what: 'every run to be in its second step' },
    );
    for (const replica of [killed, frozen, survivor, stopped])
      expect(heldBy(replica), replica.id).not.to.deep.equal([]);

    lostAt = Date.now();
    stopped.signal('SIGTERM');
    await Promise.all([killed.kill(), frozen.kill('SIGSTOP')]);
  });
  after(async function () {
    this.timeout(30_000);
    await watch?.stop();
    await stage?.close();
    await hooks?.close();
  });

  /** A socket that dials the replica to be stopped first and the survivor from then on, as Nginx would have it. */
  async function connectThenMove(): Promise<Listener> {
    const token = await stage.cluster.token('bob');
    let dials = 0;
    const endpoint = () => {
      const { url } = dials++ === 0 ? stopped : survivor;
      return { url: `${url.replace('http', 'ws')}/ws`, headers: { Authorization: `Bearer ${token}` } };
    };
    return stage.person('bob').listen(stopped, { endpoint }).live();
  }

  /** Waits until the second attempt of each run is told; resolves to the time at which the last one was (Unix ms). */
  async function continued(ids: readonly string[]): Promise<number> {
    const frames = await listener.heard(
      () => {
        const second = listener.ofType('WORKFLOW_STARTING').filter(({ data }) => data.attempt === 2);
        const mine = second.filter(({ data }) => ids.includes(data.run_id));
        return mine.length === ids.length && mine;
      },
      'the runs to go on',
      25_000,
    );
    for (const frame of frames) expect(frame.data.message).to.equal(TEXTS.continuing);
    return Math.max(...frames.map((frame) => frame.heardAt));
  }

  it('one that is stopped tells its sockets, hands its runs on without a pause or the loss of an attempt, and exits with 0', async () => {
    const { code, at } = await stopped.exited;
    expect(code).to.equal(0);
    expect(at - lostAt).to.be.at.most((GRACE_SECONDS + EXIT_WITHIN_SECONDS) * 1_000);
    expect(moved.ofType('SERVER_DRAINING').map(({ data }) => data.replica)).to.deep.equal([stopped.id]);
    expect(moved.states.flatMap((state) => (state.kind === 'waiting' ? [state.reason] : []))).to.deep.equal([
      CLOSE_CODES.draining.reason,
    ]);
    expect(moved.connection.state).to.deep.include({ kind: 'live', replica: survivor.id, recovered: true });

    const ids = heldBy(stopped);
    const goesOn = await continued(ids);
    expect(goesOn - at, 'ms after the exit; a lease would be 15 s').to.be.at.most(5_000);
    for (const run of await stage.record.runs(ids)) {
      expect(run).to.include({ worker: survivor.id, attempt: 2 });
      const before = chained.find(({ id }) => id === run.id);
      expect(run.maxAttempts - run.attempt, 'attempts left').to.equal((before?.maxAttempts ?? 0) - 1);
    }
  });

  it('the runs of one that is killed go on elsewhere one lease later', async () => {
    const ms = (await continued(heldBy(killed))) - lostAt;
    expect(ms).to.be.at.most(RESCUED_WITHIN_MS);
  });

  it('so do those of one that is frozen; when it is back it writes nothing, and works again', async () => {
    const ms = (await continued(heldBy(frozen))) - lostAt;
    expect(ms).to.be.at.most(RESCUED_WITHIN_MS);
    await frozen.kill('SIGCONT');
    await until(async () => (await stage.capacity(frozen)).replicas.some(({ id }) => id === frozen.id), {
      timeoutMs: 10_000,
      what: 'the frozen replica to report again',
    });
  });

  it('every run goes on from its last checkpoint: no finished step is executed again, nothing is told twice', async () => {
    const runs = await stage.record.ended([...chained.map(({ id }) => id), ...extras], 30_000);
    expect(runs.filter(({ status }) => status !== 'succeeded')).to.deep.equal([]);
    const rows = await stage.record.query<{ id: string; attempts: number[] }>(
      'SELECT run_id AS id, array_agg(attempt ORDER BY index) AS attempts FROM run_steps GROUP BY run_id',
    );
    const attempts = new Map(rows.map((row) => [row.id, row.attempts]));
    for (const [replica, expected] of [
      [survivor, [1, 1, 1, 1, 1]],
      [stopped, [1, 1, 1, 2, 2]],
      [killed, [1, 2, 2, 2, 2]],
      [frozen, [1, 2, 2, 2, 2]],
    ] as const) {
      for (const id of heldBy(replica)) {
        expect(attempts.get(id), `attempts of the steps, ${replica.id}`).to.deep.equal(expected);
        for (const step of ['first', 'second', 'third'])
          expect(callsOf(id, step), `${step} of ${replica.id}`).to.equal(1);
      }
    }

    await listener.heard(() => listener.ofType('WORKFLOW_COMPLETED').length >= runs.length, 'all ends');
    const told = listener.frames.flatMap((frame) => {
      if (frame.type === 'WORKFLOW_COMPLETED') return [`${frame.data.run_id} completed`];
      const done = frame.type === 'WORKFLOW_STEP' && frame.data.status === 'succeeded';
      return done ? [`${frame.data.run_id} ${frame.data.step}`] : [];
    });
    expect(new Set(told)).to.have.property('size', told.length);
    expect(told).to.have.length(runs.length + 5 * SLOTS + extras.length);
  });

  it('at no instant more runs held a slot or ran than the limit', async () => {
    const { looks, mostSlots, mostRunning } = await watch.stop();
    expect(looks).to.be.greaterThan(100);
    expect({ mostSlots, mostRunning }).to.deep.equal({ mostSlots: SLOTS, mostRunning: SLOTS });
    expect(mostAtOnce(await stage.record.runs())).to.equal(SLOTS);
  });
});
