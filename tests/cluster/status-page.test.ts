import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { incidentPageSchema, statuspageSummarySchema, systemStatusSchema } from '../../shared/protocol/http.ts';
import { startOwnReplica } from '../support/cluster/own-replica.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

describe('the status of the service, on real replicas', function () {
  this.timeout(90_000);
  let stage: Stage;

  before(async function () {
    this.timeout(240_000);
    stage = await Stage.open({ replicas: 2 });
  });
  after(() => stage?.close());

  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${stage.cluster.nginxUrl}${path}`, init);
    return { status: answer.status, text: await answer.text() };
  };
  const asAdmin = async (path: string, method = 'GET') => {
    const headers = { Authorization: `Bearer ${await stage.cluster.token('root', 'admin')}` };
    const { status, text } = await ask(path, { method, headers });
    return { status, body: JSON.parse(text) };
  };

  it('is a page that says how things are, and the same for programs', async () => {
    // Each replica looks at most once a second, so right after the start one may still tell of it.
    const statuses = () =>
      Promise.all(
        stage.cluster.replicas.map(async ({ url }) =>
          systemStatusSchema.parse(await (await fetch(`${url}/api/v1/system/status`)).json()),
        ),
      );
    await until(async () => (await statuses()).every(({ status }) => status === 'Healthy'), {
      timeoutMs: 20_000,
      what: 'healthy replicas',
    });
    expect((await ask('/status')).text).to.include('All systems are working');
    const status = systemStatusSchema.parse(JSON.parse((await ask('/api/v1/system/status')).text));
    expect(status).to.deep.include({ status: 'Healthy', incidents: [], estimated_resolution_at: null });
    const summary = statuspageSummarySchema.parse(JSON.parse((await ask('/api/v1/system/summary.json')).text));
    expect(summary.status.indicator).to.equal('none');
    expect(summary.page.url).to.equal(`${stage.cluster.nginxUrl}/status`);
    expect((await ask('/status/feed.rss')).text).to.match(/^<\?xml/);
  });

  it('remembers what all replicas did: one point every 5 s', async () => {
    const workflow_id = await stage.workflow('quick', delayStep('wait', 0));
    for (const n of [1, 2]) await stage.person('ada').start({ workflow_id }, { at: stage.replica(n) });
    const points = await until(
      async () => {
        const { body } = await asAdmin('/api/v1/admin/history');
        const finished = body.points.reduce((sum: number, point: { finished: number }) => sum + point.finished, 0);
        return finished >= 2 && body.points.length >= 3 ? body.points : null;
      },
      { timeoutMs: 40_000, what: 'the finished runs in the history' },
    );
    const times: number[] = points.map((point: { at: string }) => Date.parse(point.at));
    expect(new Set(times).size).to.equal(times.length);
    expect(times.every((at) => at % 5_000 === 0)).to.equal(true);
    const total = (field: string) =>
      points.reduce((sum: number, point: Record<string, number>) => sum + (point[field] ?? 0), 0);
    expect(total('finished')).to.equal(2);
    expect(total('requests')).to.be.above(2);
    expect(points.at(-1)).to.include({ level: 'normal', max_users: 25 });
  });

  it('ends a replica at the wish of an administrator: gently, with code 0, and nothing is lost', async () => {
    const workflow_id = await stage.workflow('long', delayStep('first', 8), delayStep('second', 1));
    const own = await startOwnReplica(stage.cluster, 'own', { WEIR_SHUTDOWN_GRACE_SECONDS: '0' });
    await until(async () => (await stage.capacity()).replicas.some(({ id }) => id === 'own'), {
      timeoutMs: 15_000,
      what: 'the replica in the list',
    });
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) ids.push((await stage.person('ada').start({ workflow_id }, { at: own })).body.run_id);
    await until(async () => ((await stage.capacity()).replicas.find(({ id }) => id === 'own')?.runs ?? 0) > 0, {
      timeoutMs: 15_000,
      what: 'the replica to have runs in hand',
    });
    const socket = await stage.person('ada').listen(own).live();
    expect((await asAdmin('/api/v1/admin/replicas/own/drain', 'POST')).status).to.equal(202);
    expect((await own.exited).code).to.equal(0);
    expect(socket.frames.some(({ type }) => type === 'SERVER_DRAINING')).to.equal(true);
    for (const id of ids)
      await until(async () => (await stage.admin.api().getRun(id)).status === 'succeeded', {
        timeoutMs: 30_000,
        what: `run ${id} to end on another replica`,
      });
  });

  it('opens one incident by itself when Redis is gone, and tells of it', async () => {
    await stage.cluster.redis.kill();
    const open = await until(
      async () => {
        const { items } = incidentPageSchema.parse(JSON.parse((await ask('/api/v1/incidents?status=open')).text));
        return items.length > 0 ? items : null;
      },
      { timeoutMs: 40_000, what: 'an incident' },
    );
    expect(open.map(({ cause, automatic, impact }) => [cause, automatic, impact])).to.deep.equal([
      ['component:redis', true, 'major'],
    ]);
    await until(async () => (await ask('/status')).text.includes('Coordination is not available'), {
      timeoutMs: 5_000,
      what: 'the incident on the page',
    });
  });

  it('answers when every replica, Redis and Postgres are down: with its time, and never that all is well', async () => {
    const left = join(dirname(stage.cluster.logDir), 'parts', 'status-page', 'stale.html');
    await until(() => readFileSync(left, 'utf8').includes('Coordination is not available'), {
      timeoutMs: 5_000,
      what: 'the incident in what is left on disk',
    });
    await Promise.all(stage.cluster.replicas.map((replica) => replica.kill()));
    await stage.cluster.postgres.kill();
    const page = await ask('/status');
    expect(page.status).to.equal(200);
    expect(page.text).to.match(/As of \d\d:\d\d UTC on \d{4}-\d\d-\d\d, live data unavailable/);
    expect(page.text)
      .to.include('Coordination is not available')
      .and.not.match(/All systems/);
    expect(systemStatusSchema.parse(JSON.parse((await ask('/api/v1/system/status')).text)).status).to.equal('Down');
    expect((await ask('/status/style.css')).status).to.equal(200);
    expect((await ask('/api/v1/incidents')).status).to.equal(503);
  });
});
