import { expect } from 'chai';
import type { ClusterServer } from '../../services/local/local-cluster.ts';
import { postgresCommand } from '../../services/local/servers/postgres-command.ts';
import { ApiProblem } from '../../shared/protocol/client/api-problem.ts';
import { frozen } from '../chaos/faults/postgres-faults.ts';
import type { Door } from '../support/cluster/person.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { type Sent, SteadyTraffic } from '../support/cluster/steady-traffic.ts';
import { until } from '../support/until.ts';

const PER_SECOND = 30;
/** What is promised: from the promotion to the next accepted start, without a person. */
const ACCEPTED_AGAIN_MS = 10_000;

describe('Postgres with a synchronous standby under three replicas', function () {
  this.timeout(120_000);
  let stage: Stage;
  let workflow_id: string;
  let traffic: SteadyTraffic | undefined;

  before(async () => {
    stage = await Stage.open({
      standby: true,
      durable: true,
      settings: { WEIR_MAX_WORKFLOWS: '50', WEIR_QUEUE_MAX: '100000', WEIR_QUEUE_MAX_PER_USER: '100000' },
    });
    workflow_id = await stage.workflow('short', delayStep('wait', 0.2));
  });
  // A test that failed in mid-traffic would send for ever.
  afterEach(async () => void (await traffic?.stop()));
  after(() => stage?.close());

  const standby = (): ClusterServer => {
    const server = stage.cluster.standby;
    if (server === null) throw new Error('a cluster without a standby');
    return server;
  };
  /** Starts without a key, past Nginx, at each replica in turn. */
  async function send(user: string): Promise<SteadyTraffic> {
    const Authorization = `Bearer ${await stage.cluster.token(user)}`;
    const init = {
      method: 'POST',
      headers: { Authorization, 'Content-Type': 'application/json' },
      body: JSON.stringify({ workflow_id }),
    };
    traffic = new SteadyTraffic(
      (n) => ({ kind: 'start', url: `${stage.replica(n + 1).url}/api/v1/trigger`, init }),
      PER_SECOND,
    );
    return traffic;
  }
  const accepted = (sent: readonly Sent[]) => sent.filter(({ status }) => status === 202);
  const answeredAt = ({ at, ms }: Sent) => at + ms;
  const atLeast = (sending: SteadyTraffic, count: number, what: string) =>
    until(() => accepted(sending.sent).length >= count, { timeoutMs: 20_000, what });
  const acceptedAfter = (sending: SteadyTraffic, since: number) =>
    until(() => accepted(sending.sent).find(({ at }) => at > since), { timeoutMs: 20_000, what: 'an accepted start' });
  /** Those that were accepted are stored and end; of the others none is but such as were said to be possible. */
  async function judge(user: string, sent: readonly Sent[]): Promise<void> {
    for (const { status, text } of sent) expect([202, 503], text).to.include(status);
    const ids = accepted(sent).map(({ text }) => (JSON.parse(text) as { run_id: string }).run_id);
    const runs = await stage.record.ended(ids, 30_000);
    expect(new Set(runs.map(({ status }) => status))).to.deep.equal(new Set(['succeeded']));
    const extra = async () =>
      (await stage.record.runs()).filter((run) => run.userId === user && !ids.includes(run.id)).map(({ id }) => id);
    const unknown = sent.filter(({ text }) => text.includes('outcome_unknown')).length;
    expect((await extra()).length, 'runs that nobody was told of').to.be.at.most(unknown);
  }

  for (const round of ['first', 'second'] as const)
    it(`is followed by the replicas when the standby is promoted: nothing accepted is lost (${round} promotion)`, async () => {
      const user = `user-of-the-${round}`;
      const sending = await send(user);
      await atLeast(sending, 30, 'accepted starts before');
      const killedAt = Date.now();
      await stage.cluster.postgres.kill();
      await until(() => sending.sent.some(({ status }) => status === 503), { timeoutMs: 5_000, what: 'refusals' });
      const promotedAt = Date.now();
      await stage.cluster.promoteStandby();
      const takesWritesAt = Date.now();
      const again = answeredAt(await acceptedAfter(sending, promotedAt));
      for (const replica of stage.cluster.replicas)
        await until(() => accepted(sending.sent).some((each) => each.replica === replica.id && each.at > promotedAt), {
          timeoutMs: ACCEPTED_AGAIN_MS,
          what: `${replica.id} to accept`,
        });
      console.log(
        `      first accept ${Math.round(again - promotedAt)} ms after the order to promote, ${Math.round(again - takesWritesAt)} ms after it was done, ${Math.round(again - killedAt)} ms after the kill`,
      );
      expect(again - promotedAt).to.be.below(ACCEPTED_AGAIN_MS);
      await standby().start();
      await atLeast(sending, accepted(sending.sent).length + 30, 'accepted starts after');
      await judge(user, await sending.stop());
    });

  it('keeps its replicas when the old primary thaws and does not know that it was replaced', async () => {
    const old = stage.cluster.postgres;
    const sending = await send('zed');
    await atLeast(sending, 30, 'accepted starts before');
    const freezing = frozen(old, 0);
    await freezing.apply();
    await until(() => sending.sent.some(({ status }) => status === 503), { timeoutMs: 5_000, what: 'refusals' });
    await stage.cluster.promoteStandby();
    await acceptedAfter(sending, Date.now());
    await freezing.heal();
    const connectionsOfOurs = () =>
      postgresCommand(
        old.url,
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'weir' AND wait_event IS DISTINCT FROM 'SyncRep'`,
      );
    await until(async () => (await connectionsOfOurs()).length === 0, { timeoutMs: 20_000, what: 'all to leave it' });
    await atLeast(sending, accepted(sending.sent).length + 30, 'accepted starts after');
    await old.kill();
    await standby().start();
    await judge('zed', await sending.stop());
  });

  it('refuses starts within a second or so while the standby is away, and has none of them when it is back', async () => {
    const ann = stage.person('ann');
    // Else the leader, if it compares the stores in the second in which they are taken back, might start one.
    await stage.admin.api().patchCapacity({ max_workflows: 0 });
    await standby().kill();
    const refused = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const begun = performance.now();
        const { status, headers } = await ann.start({ workflow_id }, { at: stage.replica(n + 1) });
        return { status, retryAfter: Number(headers.get('retry-after')), ms: performance.now() - begun };
      }),
    );
    for (const { status, retryAfter, ms } of refused) {
      expect(status).to.equal(503);
      expect(retryAfter).to.be.greaterThan(0);
      expect(ms).to.be.below(2_500);
    }
    // Longer than those who were refused go on looking whether their run appeared after all.
    const waitedFrom = Date.now();
    await until(() => Date.now() - waitedFrom > 6_000, { timeoutMs: 8_000, what: 'some time without a standby' });
    await standby().start();
    const first = await acceptedBy('ann');
    const stored = async () => (await stage.record.runs()).filter(({ userId }) => userId === 'ann').map(({ id }) => id);
    await until(async () => (await stored()).length === 1, {
      timeoutMs: 10_000,
      what: 'the refused starts to be gone',
    });
    expect(await stored()).to.deep.equal([first]);
    await stage.admin.api().patchCapacity({ max_workflows: 50 });
    await stage.record.ended([first], 20_000);
  });

  it('says of every start that may yet be executed that its outcome is not known, as when its replica dies before it can take it back', async () => {
    await standby().kill();
    const lost = stage.replica(1);
    const wishes = Array.from({ length: 8 }, (_, wish) => wish);
    const codes = await Promise.all(
      wishes.map(async (wish) => {
        const { status, body } = await stage.person('cat').start({ workflow_id, payload: { wish } }, { at: lost });
        expect(status).to.equal(503);
        return body.code;
      }),
    );
    await lost.kill();
    await standby().start();
    const executed = async () => {
      const rows = await stage.record.query<{ wish: number; status: string }>(
        `SELECT (payload ->> 'wish')::integer AS wish, status FROM runs WHERE user_id = 'cat'`,
      );
      return rows.some(({ status }) => status === 'succeeded') && rows;
    };
    const found = await until(executed, { timeoutMs: 30_000, what: 'what hung to be executed' });
    const told = found.map(({ wish }) => codes[wish]);
    expect(told, `told ${codes.join(', ')}`).to.deep.equal(told.map(() => 'outcome_unknown'));
    await lost.start();
  });

  it('tells of a cancel that hung and took effect when nobody waited for it any more', async () => {
    await stage.admin.api().patchCapacity({ max_workflows: 0 });
    const dan = stage.person('dan');
    const listener = await dan.listen().live();
    const { run_id } = (await dan.start({ workflow_id })).body;
    await standby().kill();
    const refusal = await dan
      .api(stage.replica(1))
      .cancel(run_id)
      .catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(ApiProblem);
    expect((refusal as ApiProblem).problem).to.include({ status: 503, code: 'outcome_unknown' });
    await standby().start();
    await listener.heard(() => listener.runsOf('WORKFLOW_CANCELLED').includes(run_id), 'of the end', 30_000);
    expect((await stage.record.runs([run_id]))[0]).to.include({ status: 'cancelled' });
    expect(await stage.store.queue.listQueued(0, 10), 'places that are left').to.deep.equal([]);
    await stage.admin.api().patchCapacity({ max_workflows: 50 });
  });

  it('gives a run the place of a priority that hung and took effect when nobody waited for it any more', async () => {
    await stage.admin.api().patchCapacity({ max_workflows: 0 });
    // Where a test before has left its mark, Postgres is known to be away for a while.
    const at = stage.replica(1);
    const first = await acceptedBy('eve', { at });
    const second = await acceptedBy('eve', { at });
    await standby().kill();
    const refusal = await stage.admin
      .api(at)
      .setPriority(second, 'high')
      .catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(ApiProblem);
    expect((refusal as ApiProblem).problem).to.include({ status: 503, code: 'outcome_unknown' });
    expect(await stage.store.queue.listQueued(0, 10)).to.deep.equal([first, second]);
    await standby().start();
    const moved = async () => (await stage.store.queue.listQueued(0, 10))[0] === second;
    await until(moved, { timeoutMs: 30_000, what: 'its new place' });
    await stage.admin.api().patchCapacity({ max_workflows: 50 });
    await stage.record.ended([first, second], 20_000);
  });

  it('does not promise to the repeat of a start what only a restarted primary has', async () => {
    const bob = stage.person('bob');
    const key = 'the-same-wish';
    await standby().kill();
    expect((await bob.start({ workflow_id }, { key })).status).to.equal(503);
    // After a crash everything in the log counts as committed, whether or not the standby has it.
    await stage.cluster.postgres.kill();
    await stage.cluster.postgres.start();
    const stored = () =>
      postgresCommand<{ id: string }>(stage.cluster.postgres.url, `SELECT id FROM runs WHERE user_id = 'bob'`);
    await until(async () => (await stored()).length === 1, { timeoutMs: 10_000, what: 'the run to be seen' });
    for (let n = 1; n <= 6; n++)
      expect((await bob.start({ workflow_id }, { key, at: stage.replica(n) })).status).to.equal(503);
    await standby().start();
    expect([{ id: await acceptedBy('bob', { key }) }]).to.deep.equal(await stored());
  });

  const acceptedBy = (user: string, how: { key?: string; at?: Door } = {}) =>
    until(
      async () => {
        const { status, body } = await stage.person(user).start({ workflow_id }, how);
        return status === 202 && body.run_id;
      },
      { timeoutMs: 20_000, what: 'an accepted start' },
    );
});
