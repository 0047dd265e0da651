import { expect } from 'chai';
import type { QueuePlace } from '../../shared/protocol/http.ts';
import { PRIORITIES, PRIORITY_BOOST_MS, type Priority } from '../../shared/workflow/priority.ts';
import type { Listener } from '../support/cluster/listener.ts';
import type { Person } from '../support/cluster/person.ts';
import { type RecordedRun, startOrder } from '../support/cluster/run-record.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

describe('the queue of three replicas with one slot', function () {
  this.timeout(40_000);
  let stage: Stage;
  let quick: string;
  let holding: string;
  let talking: string;
  /** The run that has the slot. */
  let holder: string;

  before(async function () {
    this.timeout(90_000);
    // Some come and go here as fast as they can.
    stage = await Stage.open({ settings: { WEIR_MAX_WORKFLOWS: '1', WEIR_USER_REQUESTS_PER_SECOND: '0' } });
    quick = await stage.workflow('quick', delayStep('wait', 0));
    holding = await stage.workflow('holding', delayStep('wait', 600));
    talking = await stage.workflow('talking', { name: 'ask', type: 'llm', config: { prompt: 'Talk.' } });
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });
  beforeEach(async () => {
    holder = await begin(holding);
  });
  // Whatever a test leaves behind, also a failed one, is not the next one's business. Newest first, so that none starts meanwhile.
  afterEach(async () => {
    for (const run of (await stage.record.runs()).toReversed()) {
      if (run.status === 'queued' || run.status === 'running') await stage.admin.api().cancel(run.id);
    }
  });

  /** Starts a run of nobody in particular and waits until it has the slot and a worker. */
  async function begin(workflow_id: string): Promise<string> {
    const { run_id } = (await stage.person('holder').start({ workflow_id })).body;
    await until(async () => (await stage.record.runs([run_id]))[0]?.status === 'running', {
      timeoutMs: 10_000,
      what: 'the slot to be taken',
    });
    return run_id;
  }

  const release = () => stage.person('holder').api().cancel(holder);

  /** Starts runs one after the other, each through the next replica; resolves to their ids. */
  async function enqueue(person: Person, count: number, priority: Priority = 'normal'): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 1; n <= count; n++) {
      const { status, body } = await person.start({ workflow_id: quick, priority }, { at: stage.replica(n) });
      expect(status).to.equal(202);
      expect(body.queue?.position, 'it waits').to.be.at.least(1);
      ids.push(body.run_id);
    }
    return ids;
  }

  /** What a listener was last told about the place of a run. */
  function toldPlace(listener: Listener, runId: string): QueuePlace | undefined {
    const told = listener.frames.flatMap((frame): Array<QueuePlace & { run_id: string }> => {
      if (frame.type === 'WORKFLOW_QUEUED') return [frame.data];
      return frame.type === 'WORKFLOW_POSITION' ? frame.data.runs : [];
    });
    return told.findLast((place) => place.run_id === runId);
  }

  const toldPositions = (listener: Listener, ids: readonly string[]) =>
    ids.map((id) => toldPlace(listener, id)?.position ?? null);

  it('an estimate is null until a run has finished, and a number from then on', async () => {
    const ada = stage.person('ada');
    const listener = await ada.listen(stage.replica(2)).live();
    const first = await ada.start({ workflow_id: quick }, { at: stage.replica(1) });
    expect(first.body.queue).to.include({ position: 1, estimated_wait_seconds: null });
    await listener.heard(() => toldPlace(listener, first.body.run_id), 'the place');
    expect(toldPlace(listener, first.body.run_id)).to.include({ position: 1, estimated_wait_seconds: null });
    await release();
    await stage.record.ended([first.body.run_id], 10_000);

    holder = await begin(holding);
    const [second = ''] = await enqueue(ada, 1);
    await listener.heard(() => toldPlace(listener, second)?.estimated_wait_seconds != null, 'an estimate', 4_000);
    const { items } = await ada.api(stage.replica(3)).queue();
    expect(items.map((item) => item.run_id)).to.deep.equal([second]);
    expect(items[0]?.estimated_wait_seconds).to.be.a('number');
  });

  it('a position told is exact on every socket, and told at most once a second however much moves', async () => {
    const ahead = await enqueue(stage.person('eve'), 8);
    const bob = stage.person('bob');
    const listeners = await Promise.all([1, 3].map((n) => bob.listen(stage.replica(n)).live()));
    const mine = await enqueue(bob, 5);
    for (const listener of listeners) {
      await listener.heard(() => toldPositions(listener, mine).join() === '9,10,11,12,13', 'the first places');
    }

    const eve = stage.person('eve');
    const begun = performance.now();
    const framesBefore = listeners.map((listener) => listener.ofType('WORKFLOW_POSITION').length);
    // One that comes to the front and leaves again moves everybody back and forth, many times a second.
    while (performance.now() - begun < 2_000) {
      const [jumper = ''] = await enqueue(eve, 1, 'high');
      await eve.api().cancel(jumper);
    }
    for (const id of ahead) await eve.api().cancel(id);
    for (const listener of listeners) {
      await listener.heard(() => toldPositions(listener, mine).join() === '1,2,3,4,5', 'the places at the front');
    }
    for (const [index, listener] of listeners.entries()) {
      const told = listener.ofType('WORKFLOW_POSITION').slice(framesBefore[index]);
      // By the time they were made, not by when they came; the half second is for rounds that Redis lets wait.
      const seconds = (Date.parse(told.at(-1)?.at ?? '') - Date.parse(told[0]?.at ?? '')) / 1_000;
      expect(told.length, `frames in ${seconds} s`).to.be.at.most(Math.floor(seconds + 0.5) + 1);
    }

    const [, , third = '', ...behind] = mine;
    await bob.api(stage.replica(2)).cancel(third);
    for (const listener of listeners) {
      await listener.heard(() => toldPositions(listener, behind).join() === '3,4', 'those behind to move up', 2_500);
      expect(listener.runsOf('WORKFLOW_CANCELLED')).to.deep.equal([third]);
    }
    const { items } = await stage.admin.api(stage.replica(1)).queue();
    expect(items.map(({ run_id, position }) => [run_id, position])).to.deep.equal(
      mine.filter((id) => id !== third).map((id, index) => [id, index + 1]),
    );
  });

  it('runs start in the order of their acceptance on whatever replica, priorities as a head start of a minute', async () => {
    const carol = stage.person('carol');
    const listener = await carol.listen(stage.replica(3)).live();
    // All at once: which is accepted first is for the record to say.
    const starts = Array.from({ length: 18 }, (_, n) =>
      carol.start({ workflow_id: quick, priority: 'normal' }, { at: stage.replica(n + 1) }),
    );
    const equals = (await Promise.all(starts)).map((answer) => answer.body.run_id);
    const others: string[] = [];
    for (const priority of PRIORITIES.toReversed()) others.push(...(await enqueue(stage.person('dora'), 3, priority)));
    await release();

    const runs = await stage.record.ended([...equals, ...others], 20_000);
    const due = (run: RecordedRun) => run.acceptedAt - PRIORITY_BOOST_MS[run.priority as Priority];
    const expected = runs.toSorted((a, b) => due(a) - due(b) || a.seq - b.seq);
    expect(startOrder(runs)).to.deep.equal(expected.map((run) => run.id));
    expect(expected.map((run) => run.priority).join(' ')).to.match(/^(high ?){3}(normal ?){21}(low ?){3}$/);

    const accepted = runs.filter((run) => equals.includes(run.id)).map((run) => run.id);
    await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').length === 18, 'all ends');
    expect(listener.runsOf('WORKFLOW_STARTING')).to.deep.equal(accepted);
    expect(listener.runsOf('WORKFLOW_COMPLETED')).to.deep.equal(accepted);
  });

  it('a run that waits too long is timed out, told once, and never started', async () => {
    await stage.admin.api(stage.replica(2)).patchCapacity({ queue_timeout_seconds: 2 });
    const fred = stage.person('fred');
    const listener = await fred.listen(stage.replica(1)).live();
    const ids = await enqueue(fred, 6);
    await stage.admin.api().patchCapacity({ queue_timeout_seconds: 300 });
    await listener.heard(() => listener.ofType('WORKFLOW_QUEUE_TIMEOUT').length >= ids.length, 'all time-outs');
    await release();

    const runs = await stage.record.ended(ids, 5_000);
    expect(runs.map(({ status, startNo }) => ({ status, startNo }))).to.deep.equal(
      ids.map(() => ({ status: 'timed_out', startNo: null })),
    );
    const told = listener.ofType('WORKFLOW_QUEUE_TIMEOUT');
    expect(told.map((frame) => frame.data.run_id)).to.have.members(ids);
    for (const frame of told) {
      const run = runs.find(({ id }) => id === frame.data.run_id);
      expect(frame.heardAt - (run?.expiresAt ?? 0), 'ms after its deadline').to.be.within(-20, 1_000);
      expect(frame.data.waited_seconds).to.equal(2);
    }
    expect(listener.runsOf('WORKFLOW_STARTING')).to.deep.equal([]);
  });

  it('a cancel through any replica ends a waiting run, and a running one in mid-stream, and frees its slot at once', async () => {
    const simulator = async (init?: RequestInit) =>
      (await (await fetch(`${stage.cluster.simulator.url}/primary/control`, init)).json()) as {
        stats: { active: number; aborted: number };
      };
    const slow = JSON.stringify({ first_token_ms: 20, tokens_per_second: 20, tokens: 5_000 });
    await simulator({ method: 'PUT', body: slow });
    await release();
    const gina = stage.person('gina');
    const listener = await gina.listen(stage.replica(1)).live();
    const talk = (await gina.start({ workflow_id: talking }, { at: stage.replica(2) })).body.run_id;
    await listener.heard(() => listener.ofType('WORKFLOW_OUTPUT').length >= 2, 'the model to talk');
    const [next = '', dropped = ''] = await enqueue(gina, 2);

    await gina.api(stage.replica(3)).cancel(dropped);
    const cancelledAt = Date.now();
    await gina.api(stage.replica(3)).cancel(talk);
    await until(async () => (await simulator()).stats.active === 0, {
      timeoutMs: 5_000,
      what: 'the stream to be closed',
    });
    expect((await simulator()).stats.aborted).to.equal(1);
    const runs = await stage.record.ended([talk, next, dropped], 10_000);
    expect(new Map(runs.map((run) => [run.id, run.status]))).to.deep.equal(
      new Map([
        [talk, 'cancelled'],
        [next, 'succeeded'],
        [dropped, 'cancelled'],
      ]),
    );
    expect((runs[1]?.grantedAt ?? 0) - cancelledAt, 'ms from the cancel to the next start').to.be.within(0, 1_000);
    await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').length === 1, 'the next one to end');
    expect(listener.runsOf('WORKFLOW_CANCELLED')).to.deep.equal([dropped, talk]);
    expect(listener.runsOf('WORKFLOW_STARTING')).to.deep.equal([talk, next]);
    const words = listener.frames.findLastIndex(({ type }) => type === 'WORKFLOW_OUTPUT');
    expect(words, 'no word after the end').to.be.below(
      listener.frames.findIndex((frame) => frame.type === 'WORKFLOW_CANCELLED' && frame.data.run_id === talk),
    );
  });

  it('the bounds hold for all replicas together: 429 beyond a user’s own, 503 beyond ours, each with Retry-After', async () => {
    await stage.admin.api().patchCapacity({ queue_max_per_user: 3, queue_max: 5 });
    const crowd = async (person: Person) => {
      const starts = Array.from({ length: 12 }, (_, n) =>
        person.start({ workflow_id: quick }, { at: stage.replica(n + 1) }),
      );
      const answers = await Promise.all(starts);
      const refused = answers.filter(({ status }) => status !== 202);
      for (const { headers } of refused) expect(Number(headers.get('retry-after'))).to.be.within(1, 360);
      const accepted = answers.filter(({ status }) => status === 202).map(({ body }) => body.run_id);
      const kinds = new Set(refused.map(({ status, body }) => `${status} ${body.code}`));
      const stored = (await stage.record.runs()).filter((run) => run.userId === person.id).map((run) => run.id);
      expect(stored, 'of the refused nothing is kept').to.have.members(accepted);
      return { accepted, kinds: [...kinds] };
    };
    const hugo = await crowd(stage.person('hugo'));
    expect([hugo.accepted.length, hugo.kinds]).to.deep.equal([3, ['429 user_queue_full']]);
    const ida = await crowd(stage.person('ida'));
    expect([ida.accepted.length, ida.kinds]).to.deep.equal([2, ['503 queue_full']]);
  });
});
