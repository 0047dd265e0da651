import { expect } from 'chai';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../tests/support/api/store-workflow.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';

const PACE = { perSecond: 20, burst: 100 };

describe('how often one user may ask', function () {
  this.timeout(60_000);
  let server: PrivateRedis;
  let cluster: ApiCluster;
  let one: ApiReplica;
  let two: ApiReplica;
  let users = 0;

  before(async () => {
    server = await startRedis();
    cluster = await apiCluster({ redisUrl: server.url, pace: PACE });
    [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
  });
  after(async () => {
    await cluster.close();
    await server.stop();
  });

  const newUser = () => token(`user-${++users}`);
  const ask = (replica: ApiReplica, user: string) => replica.http('GET', '/api/v1/runs', { token: user });
  const flood = (replica: ApiReplica, user: string) =>
    Promise.all(Array.from({ length: PACE.burst + 10 }, () => ask(replica, user)));
  const isLimited = (replica: ApiReplica, user: string) =>
    until(async () => (await flood(replica, user)).some(({ body }) => body.code === 'user_rate_exceeded'), {
      timeoutMs: 10_000,
      what: 'a refusal',
    });
  const isFree = (replica: ApiReplica, user: string) =>
    until(async () => (await ask(replica, user)).status === 200, { timeoutMs: 20_000, what: 'to be let in again' });

  it('is bounded at once at one replica, with 429 and Retry-After, for this user alone, and for a while only', async () => {
    const [greedy, other] = [await newUser(), await newUser()];
    await isLimited(one, greedy);
    const answers = await flood(one, greedy);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).to.be.at.least(1);
    for (const { body, headers } of refused) {
      expect(body).to.include({ status: 429, code: 'user_rate_exceeded' });
      expect(Number(headers['retry-after'])).to.be.at.least(1);
    }
    expect((await ask(one, other)).status).to.equal(200);
    expect((await one.http('GET', '/api/v1/system/status')).status, 'what is public has no user').to.equal(200);
    await isFree(one, greedy);
  });

  it('is one sum over all replicas', async () => {
    const [modest, greedy] = [await newUser(), await newUser()];
    const begun = performance.now();
    let sent = 0;
    const seenByModest = new Set<number>();
    await until(
      async () => {
        // However slow this machine is: at one replica always less than may have come by now, at both together more.
        const bound = PACE.burst + (PACE.perSecond * (performance.now() - begun)) / 1_000;
        const due = Math.floor(bound * 0.6) - sent;
        sent += due;
        const both = Array.from({ length: due }, () => [ask(one, greedy), ask(two, greedy)]).flat();
        const some = Array.from({ length: due }, () => ask(one, modest));
        for (const { status } of await Promise.all(some)) seenByModest.add(status);
        return (await Promise.all(both)).some(({ body }) => body.code === 'user_rate_exceeded');
      },
      { timeoutMs: 20_000, what: 'a refusal' },
    );
    expect([...seenByModest]).to.deep.equal([200]);
    await Promise.all([isFree(one, greedy), isFree(two, greedy)]);
  });

  it('does not keep runs from going on that were started before', async () => {
    const greedy = await newUser();
    const workflow_id = await storeWorkflow(one);
    const { body } = await one.http('POST', '/api/v1/trigger', { token: greedy, body: { workflow_id } });
    await isLimited(one, greedy);
    // Only what Redis says keeps somebody waiting beyond the next report.
    const isTold = async () => {
      await flood(one, greedy);
      return (await metricValue(one.metrics.http.usersLimited)) >= 1;
    };
    await until(isTold, { timeoutMs: 15_000, what: 'the metric' });
    const [claimed] = await one.database.runs.claim([
      { runId: body.run_id, worker: 'w', grantNo: 1, grantedAt: Date.now() },
    ]);
    expect(claimed?.kind).to.equal('claimed');
  });

  it('is not bounded while Redis is away, says so in a metric, and is again when it is back', async () => {
    const greedy = await newUser();
    await server.stop();
    await until(
      async () => {
        await flood(one, greedy);
        return (await metricValue(one.metrics.http.rateUnknown)) === 1;
      },
      { timeoutMs: 15_000, what: 'the metric' },
    );
    expect((await flood(one, greedy)).map(({ status }) => status).filter((status) => status !== 200)).to.deep.equal([]);
    expect(one.log.lines.filter(({ message }) => message.startsWith('users are not limited'))).to.have.length(1);
    await server.start();
    await until(
      async () => {
        await flood(one, greedy);
        return (await ask(one, greedy)).body.code === 'user_rate_exceeded';
      },
      { timeoutMs: 15_000, what: 'the limit to be back' },
    );
    expect(await metricValue(one.metrics.http.rateUnknown)).to.equal(0);
  });
});
