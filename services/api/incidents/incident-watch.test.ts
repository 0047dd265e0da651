import { expect } from 'chai';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { calmState, observation, standing } from '../../../tests/support/api/observations.ts';
import { DatabaseRig } from '../../../tests/support/db/database-rig.ts';
import { openDatabase } from '../../../tests/support/db/open-database.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { startPostgres } from '../../../tests/support/postgres.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { until } from '../../../tests/support/until.ts';
import type { Observation } from './conditions.ts';
import { incidentAnswer } from './incident-answer.ts';
import { IncidentView } from './incident-view.ts';
import { IncidentWatch } from './incident-watch.ts';

const REDIS_DOWN = { state: null, parts: { postgres: 'up', redis: 'down' } } as const;

describe('incidents that open and end by themselves', () => {
  let rig: DatabaseRig;
  let now: number;
  let seen: Partial<Observation>;

  beforeEach(async () => {
    rig = await DatabaseRig.open();
    now = Date.now();
    seen = {};
  });
  afterEach(() => rig.close());

  const watchOn = (db = rig.db, own?: () => Partial<Observation>) => {
    const metrics = createMetrics();
    const observe = async () => observation({ now, ...(own?.() ?? seen) });
    const watch = new IncidentWatch({
      observe,
      incidents: db.incidents,
      keeping: db.incidentKeeping,
      metrics: metrics.capacity,
      log: recordedLog(),
    });
    return Object.assign(watch, { gauge: () => metricValue(metrics.capacity.incidents) });
  };
  const pass = async (ms: number, ...watches: IncidentWatch[]) => {
    now += ms;
    await Promise.all(watches.map((watch) => watch.look()));
  };
  const open = () => rig.db.incidents.open();
  const quiet = (seconds: number) =>
    rig.sql.query('UPDATE incidents SET last_seen_at = last_seen_at - make_interval(secs => $1)', [seconds]);

  it('open for a part that stays down, not for one that comes back at once', async () => {
    const watch = watchOn();
    seen = REDIS_DOWN;
    await pass(0, watch);
    await pass(9_000, watch);
    seen = {};
    await pass(500, watch);
    seen = REDIS_DOWN;
    await pass(500, watch);
    await pass(9_000, watch);
    expect(await open()).to.deep.equal([]);
    await pass(1_000, watch);
    const [incident] = await open();
    expect(incident).to.include({
      cause: 'component:redis',
      automatic: true,
      impact: 'major',
      status: 'investigating',
    });
    expect(incident?.updates).to.have.length(1);
    expect(await watch.gauge()).to.equal(1);
  });

  it('are one per cause although every replica looks, and say so', async () => {
    const watches = Array.from({ length: 4 }, () => watchOn(rig.another()));
    seen = { providers: [standing('primary'), standing('backup', { active: true })] };
    for (let n = 0; n < 3; n++) await pass(1_000, ...watches);
    expect((await open()).map(({ cause }) => cause)).to.deep.equal(['provider:switched']);
  });

  it('open for a degraded level only when it has lasted 60 s, whoever began to look when', async () => {
    const level = { ...calmState().level, level: 'degraded' as const, since: now };
    seen = { state: { ...calmState(), level } };
    await pass(59_000, watchOn());
    expect(await open()).to.deep.equal([]);
    await pass(1_000, watchOn());
    expect((await open()).map(({ cause }) => cause)).to.deep.equal(['level:degraded']);
  });

  it('are found without any leader', async () => {
    const watch = watchOn();
    seen = { state: { ...calmState(), leader: null } };
    await pass(0, watch);
    await pass(10_000, watch);
    expect((await open()).map(({ cause }) => cause)).to.deep.equal(['leader:missing']);
  });

  it('end only after a quiet hold in which no replica has seen the cause', async () => {
    const [well, sick] = [watchOn(), watchOn(rig.another(), () => REDIS_DOWN)];
    await pass(0, sick);
    await pass(10_000, sick);
    await quiet(119);
    await pass(0, well);
    expect(await open()).to.have.length(1);
    await quiet(10);
    await pass(0, sick);
    await pass(0, well);
    expect(await open()).to.have.length(1);
    await quiet(121);
    await pass(0, well);
    expect(await open()).to.deep.equal([]);
    const [incident] = await rig.db.incidents.list({ limit: 1, open: false });
    expect(incident?.updates.map(({ status, by }) => [status, by])).to.deep.equal([
      ['resolved', 'system'],
      ['investigating', 'system'],
    ]);
    await pass(0, well);
    expect(await well.gauge()).to.equal(0);
  });

  it('stay closed when an administrator has closed them, though the cause lasts', async () => {
    const watch = watchOn();
    seen = REDIS_DOWN;
    await pass(0, watch);
    await pass(10_000, watch);
    const [incident] = await open();
    await rig.db.incidents.update(incident?.id ?? '', { status: 'resolved', message: 'Known.', by: 'root' });
    await pass(5_000, watch);
    await pass(5_000, watch);
    expect(await open()).to.deep.equal([]);
  });

  it('tell when the provider is asked next, and nothing once that has passed', async () => {
    const watch = watchOn();
    const at = (ms: number) => new Date(now + ms);
    const providers = (nextProbeAt: Date) => [
      standing('primary', { state: 'open', since: at(-1_000), nextProbeAt }),
      standing('backup', { active: true }),
    ];
    seen = { providers: providers(at(60_000)) };
    await pass(0, watch);
    expect((await open())[0]?.estimatedResolutionAt).to.deep.equal(at(60_000));
    seen = { providers: providers(at(120_000)) };
    await pass(0, watch);
    expect((await open())[0]?.estimatedResolutionAt).to.deep.equal(at(120_000));
    await pass(
      0,
      watchOn(rig.another(), () => ({})),
    );
    expect((await open())[0]?.estimatedResolutionAt, 'one who does not see it leaves it').to.deep.equal(at(120_000));
    const [row] = await open();
    if (row === undefined) throw new Error('no incident');
    expect(incidentAnswer(row, 'public', now + 119_000)).to.include({ estimate_confidence: 'medium' });
    const passed = { estimated_resolution_at: null, estimate_confidence: null };
    expect(incidentAnswer(row, 'public', now + 121_000)).to.include(passed);
    expect(incidentAnswer({ ...row, estimatedBy: 'root' }, 'public', now + 121_000)).to.not.include(passed);
    seen = { providers: providers(at(-1)) };
    await pass(0, watch);
    expect((await open())[0]).to.include({ estimatedResolutionAt: null, estimateConfidence: null });
  });

  it('are shown while Postgres is away, and stored when it is back', async () => {
    const server = await startPostgres();
    await migrateToLatest(server.url);
    const db = openDatabase(server.url);
    const watch = watchOn(db);
    const view = new IncidentView({ incidents: db.incidents, unstored: () => watch.unstored });
    await pass(0, watch);
    await server.stop();
    seen = { parts: { postgres: 'down', redis: 'up' } };
    await pass(0, watch);
    expect(await view.open()).to.deep.equal([]);
    await pass(10_000, watch);
    const [shown] = await view.open();
    expect(shown).to.include({ cause: 'component:postgres', impact: 'critical', status: 'investigating' });
    await server.start();
    seen = {};
    await pass(5_000, watch);
    await until(() => watch.look().then(() => watch.unstored.length === 0), {
      timeoutMs: 10_000,
      what: 'the incident to be stored',
    });
    const [stored] = await view.open();
    expect(stored).to.include({ id: shown?.id, started_at: shown?.started_at });
    await db.close();
    await server.stop();
  });
});
