import { expect } from 'chai';
import type { ClusterReplica } from '../../services/local/local-cluster.ts';
import { mixedRequests } from '../support/cluster/mixed-requests.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { failuresIn, type Sent, SteadyTraffic } from '../support/cluster/steady-traffic.ts';
import { until } from '../support/until.ts';

const PER_SECOND = 50;
/** Promised: a replica that fails is out within this time (ms). */
const OUT_WITHIN_MS = 10_000;
/** How long the rest is watched after that (ms). */
const WATCHED_MS = 4_000;
/** Silence after which Nginx asks another replica (WEIR_NGINX_ANSWER_TIMEOUT), and room for a busy machine (ms). */
const SLOWEST_MS = 9_000;

describe('replicas that fail behind Nginx', function () {
  this.timeout(120_000);
  let stage: Stage;
  let traffic: SteadyTraffic | undefined;

  before(async () => {
    const limits = { WEIR_MAX_WORKFLOWS: '50', WEIR_QUEUE_MAX: '100000', WEIR_QUEUE_MAX_PER_USER: '100000' };
    stage = await Stage.open({ settings: limits });
  });
  // A test that failed in mid-traffic would send for ever.
  afterEach(async () => void (await traffic?.stop()));
  after(() => stage?.close());

  it('share the requests within 10 %', async () => {
    const answered = new Map<string, number>();
    for (let n = 0; n < 300; n++) {
      const answer = await fetch(`${stage.cluster.nginxUrl}/api/v1/system/status`);
      await answer.arrayBuffer();
      const replica = answer.headers.get('x-replica') ?? 'none';
      answered.set(replica, (answered.get(replica) ?? 0) + 1);
    }
    expect([...answered.keys()].sort()).to.deep.equal(['replica-1', 'replica-2', 'replica-3']);
    for (const [replica, count] of answered) expect(count, replica).to.be.within(90, 110);
  });

  for (const [what, fail, mend] of [
    ['killed', (replica: ClusterReplica) => replica.kill(), (replica: ClusterReplica) => replica.start()],
    [
      'frozen',
      (replica: ClusterReplica) => replica.kill('SIGSTOP'),
      (replica: ClusterReplica) => replica.kill('SIGCONT'),
    ],
  ] as const) {
    it(`one that is ${what} is out within 10 s, what is safe is repeated elsewhere, no start happens twice, and it comes back`, async () => {
      const { cluster } = stage;
      const user = `crowd-${what}`;
      const workflowId = await stage.workflow(what, delayStep('wait', 0));
      const crowd = mixedRequests({ url: cluster.nginxUrl, token: await cluster.token(user), workflowId });
      const victim = stage.replica(2);
      const sending = new SteadyTraffic(crowd, PER_SECOND);
      traffic = sending;
      const isServing = (since: number) => sending.sent.some(({ replica, at }) => replica === victim.id && at > since);
      await until(() => isServing(0), { timeoutMs: 10_000, what: 'the replica to serve' });

      const failedAt = Date.now();
      await fail(victim);
      const over = failedAt + OUT_WITHIN_MS + WATCHED_MS;
      await until(() => Date.now() > over, { timeoutMs: 20_000, what: 'the time that is watched' });
      const mendedAt = Date.now();
      await mend(victim);
      await until(() => isServing(mendedAt), { timeoutMs: 15_000, what: 'the replica to serve again' });
      const sent = await sending.stop();

      const unsure = sent.filter(({ kind, status }) => kind === 'start' && status === 503);
      expect(failuresIn(sent.filter((one) => !unsure.includes(one)))).to.deep.equal([]);
      for (const { text } of unsure) expect(JSON.parse(text)).to.include({ code: 'outcome_unknown' });
      expect(Math.max(...sent.map(({ ms }) => ms)), 'slowest answer (ms)').to.be.lessThan(SLOWEST_MS);
      const late = sent.filter(
        ({ at, replica }) => replica === victim.id && at > failedAt + 1_000 && at < mendedAt - 5_000,
      );
      expect(late, 'answers of a replica that is gone').to.deep.equal([]);
      // Out means: all but the few requests by which Nginx sees whether it is back are as fast as ever.
      const after = sent.filter(({ at }) => at > failedAt + OUT_WITHIN_MS && at < mendedAt);
      expect(after.filter(({ ms }) => ms > 3_500).length, 'slow ones afterwards').to.be.at.most(3);
      await expectEachOnce(user, sent, unsure.length);
    });
  }

  /** Every start with a key is one run; every one without is one run, or none if that was left open. */
  async function expectEachOnce(user: string, sent: readonly Sent[], unsure: number): Promise<void> {
    const rows = await stage.record.query<{ n: number; runs: number; keyed: boolean }>(
      `SELECT (payload->>'n')::int AS n, count(*)::int AS runs, bool_or(idempotency_key IS NOT NULL) AS keyed
       FROM runs WHERE user_id = $1 GROUP BY 1`,
      [user],
    );
    expect(
      rows.filter(({ runs }) => runs !== 1),
      'starts that happened twice',
    ).to.deep.equal([]);
    const count = (kind: string) => sent.filter((one) => one.kind === kind).length;
    expect(rows.filter(({ keyed }) => keyed)).to.have.length(count('start with key'));
    expect(rows.filter(({ keyed }) => !keyed).length).to.be.within(count('start') - unsure, count('start'));
  }
});
