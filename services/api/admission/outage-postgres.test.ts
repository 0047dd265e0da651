import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../tests/support/api/api-cluster.ts';
import type { HttpAnswer } from '../../../tests/support/api/http-client.ts';
import { storeWorkflow } from '../../../tests/support/api/store-workflow.ts';
import { startPostgres, type TestPostgres } from '../../../tests/support/postgres.ts';
import { until } from '../../../tests/support/until.ts';

/** Answers, and how long they took. */
async function timed(call: Promise<HttpAnswer>): Promise<HttpAnswer & { ms: number }> {
  const begun = performance.now();
  return { ...(await call), ms: performance.now() - begun };
}

/** Stops Postgres and all its backends where they stand; connections stay open. Answers how to go on. */
function freeze(server: TestPostgres): () => void {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  const signal = (name: NodeJS.Signals) => {
    for (const pid of [server.pid, ...children]) process.kill(pid, name);
  };
  signal('SIGSTOP');
  return () => signal('SIGCONT');
}

describe('while Postgres is away', function () {
  this.timeout(40_000);
  let server: TestPostgres;
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let ann: string;
  let workflowId: string;

  beforeEach(async () => {
    const { migrateToLatest } = await import('../../../db/migrate.ts');
    server = await startPostgres();
    await migrateToLatest(server.url);
    cluster = await apiCluster({ databaseUrl: server.url });
    replica = await cluster.addReplica();
    workflowId = await storeWorkflow(replica);
    ann = await token('ann');
    await start();
  });
  afterEach(async () => {
    await cluster.close();
    await server.stop();
  });

  const start = () => replica.http('POST', '/api/v1/trigger', { token: ann, body: { workflow_id: workflowId } });
  const known = async () => {
    const state = await cluster.redis.cluster.read();
    return state.kind === 'state' ? state.slotsHeld + state.queueLength : -1;
  };

  it('refuses starts within a second with 503 and Retry-After, says which may have happened, and takes them back', async () => {
    for (const away of ['frozen', 'gone'] as const) {
      const thaw = away === 'frozen' ? freeze(server) : undefined;
      if (away === 'gone') await server.stop();
      const answers = await Promise.all(Array.from({ length: 5 }, () => timed(start())));
      const codes = answers.map(({ body }) => body.code);
      // In a frozen server lies what was sent to it; those who stood behind that were not sent.
      if (away === 'frozen') expect(codes).to.include('outcome_unknown');
      for (const { body, headers, ms } of answers) {
        expect(body.status).to.equal(503);
        if (away === 'gone' || body.code !== 'outcome_unknown') expect(body.code).to.equal('storage_unavailable');
        expect(Number(headers['retry-after'])).to.be.at.least(1);
        expect(ms, away).to.be.below(2_500);
      }
      expect(await known()).to.equal(1);
      thaw?.();
      if (away === 'gone') await server.start();
      await until(async () => (await replica.http('GET', '/api/v1/runs', { token: ann })).status === 200, {
        timeoutMs: 10_000,
        what: 'Postgres to be back',
      });
    }
    // An INSERT that was stuck in the frozen server may have taken effect after all; it is withdrawn.
    await until(async () => (await replica.http('GET', '/api/v1/runs', { token: ann })).body.items.length === 1, {
      timeoutMs: 10_000,
      what: 'withdrawn runs to be gone',
    });
    expect((await start()).status).to.equal(202);
  });

  it('is not ready, is Down, and says why', async () => {
    await server.stop();
    const ready = await timed(replica.http('GET', '/ready'));
    expect([ready.status, ready.body.parts.postgres]).to.deep.equal([503, 'down']);
    expect(ready.ms).to.be.below(2_500);
    await until(async () => (await replica.http('GET', '/api/v1/system/status')).body.status === 'Down', {
      timeoutMs: 5_000,
      what: 'the status to say it',
    });
    expect((await replica.http('GET', '/health')).status).to.equal(200);
  });

  it('goes on answering about definitions it knows', async () => {
    await replica.http('GET', `/api/v1/workflows/${workflowId}`, { token: ann });
    await server.stop();
    expect((await replica.http('GET', `/api/v1/workflows/${workflowId}`, { token: ann })).status).to.equal(200);
    expect((await replica.http('GET', '/api/v1/runs', { token: ann })).body.code).to.equal('storage_unavailable');
  });
});
