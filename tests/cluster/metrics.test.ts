import { availableParallelism, totalmem } from 'node:os';
import { expect } from 'chai';
import { PACKAGE_VERSION } from '../../shared/config/package.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import type { RunAnswer } from '../../shared/protocol/http.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { isFinal } from '../../shared/workflow/run-state.ts';
import { MetricsPage } from '../support/cluster/metrics-page.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

/** Beyond a heartbeat, so that the longest wait is seen to grow (s). */
const QUEUE_TIMEOUT_SECONDS = 12;
const ask = (prompt: string): Step => ({ name: 'ask', type: 'llm', config: { prompt } });

describe('metrics of a replica', function () {
  this.timeout(60_000);
  let stage: Stage;

  before(async function () {
    this.timeout(120_000);
    stage = await Stage.open({
      replicas: 1,
      settings: {
        WEIR_MAX_WORKFLOWS: '1',
        WEIR_MAX_USERS: '2',
        WEIR_QUEUE_TIMEOUT_SECONDS: String(QUEUE_TIMEOUT_SECONDS),
        WEIR_COMMIT: 'abc1234',
      },
    });
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  const scrape = () => MetricsPage.of(stage.replica(1));
  const ada = () => stage.person('ada');
  const start = async (workflow_id: string) => (await ada().start({ workflow_id })).body.run_id;
  const ended = (runId: string): Promise<RunAnswer> =>
    until(
      async () => {
        const run = await ada().api().getRun(runId);
        return isFinal(run.status) ? run : undefined;
      },
      { timeoutMs: 30_000, what: 'the end of the run' },
    );
  const shows = (what: string, holds: (page: MetricsPage) => boolean) =>
    until(
      async () => {
        const page = await scrape();
        return holds(page) ? page : undefined;
      },
      { timeoutMs: 20_000, what },
    );

  it('count a run, its tokens and what it cost, as its owner sees them', async () => {
    const run = await ended(await start(await stage.workflow('asks a model', ask('Say hello'))));
    expect(run.status).to.equal('succeeded');
    expect(run.usage?.cost_usd).to.be.greaterThan(0);
    const page = await shows('the end', (each) => each.sum('weir_run_duration_seconds_count') === 1);
    const workflow = 'asks a model';
    expect(page.sum('weir_runs_started_total', { workflow })).to.equal(1);
    expect(page.sum('weir_runs_finished_total', { workflow, status: 'succeeded' })).to.equal(1);
    expect(page.sum('weir_run_duration_seconds_count', { status: 'succeeded' })).to.equal(1);
    expect(page.sum('weir_llm_cost_usd_total', { provider: 'primary', model: 'sim-primary' })).to.equal(
      run.usage?.cost_usd,
    );
    expect(page.sum('weir_llm_tokens_total', { direction: 'output' })).to.equal(run.usage?.output_tokens);
    expect(page.sum('weir_llm_switches_total')).to.equal(0);
  });

  it('count why runs fail, and runs that are cancelled', async () => {
    const failed = await ended(await start(await stage.workflow('has a hole', ask('About {{payload.nobody}}'))));
    expect(failed.error?.code).to.equal('template_invalid');
    const long = await start(await stage.workflow('long', delayStep('wait', 600)));
    await shows('the long run', (page) => page.sum('weir_runs_started_total', { workflow: 'long' }) === 1);
    await ada().api().cancel(long);
    const page = await scrape();
    expect(page.sum('weir_run_failures_total', { code: 'template_invalid', workflow: 'has a hole' })).to.equal(1);
    expect(page.sum('weir_run_failures_total', { code: 'llm_timeout', workflow: 'has a hole' })).to.equal(0);
    expect(page.sum('weir_run_failures_total')).to.equal(1);
    expect(page.sum('weir_runs_finished_total', { status: 'cancelled', workflow: 'long' })).to.equal(1);
    expect(page.sum('weir_run_duration_seconds_count', { status: 'cancelled' })).to.equal(1);
  });

  it('show who waits longest, against what limits, and count who waited too long', async () => {
    const [slow, late] = [await stage.workflow('slow', delayStep('wait', 600)), await stage.workflow('late', ask('x'))];
    const first = await start(slow);
    const second = await start(late);
    const waiting = await shows('a wait of some seconds', (page) => page.sum('weir_queue_oldest_seconds') > 2);
    expect(waiting.sum('weir_queue_oldest_seconds')).to.be.below(QUEUE_TIMEOUT_SECONDS + 1);
    expect(waiting.sum('weir_queue_length')).to.equal(1);
    expect(waiting.sum('weir_queue_timeout_seconds')).to.equal(QUEUE_TIMEOUT_SECONDS);
    expect(waiting.sum('weir_queue_limit')).to.equal(1_000);
    expect((await ended(second)).status).to.equal('timed_out');
    const timedOut = { status: 'timed_out', workflow: 'late' };
    await shows('the time-out', (page) => page.sum('weir_runs_finished_total', timedOut) === 1);
    await ada().api().cancel(first);
    await shows('nobody waiting', (page) => page.sum('weir_queue_oldest_seconds') === 0);
  });

  it('count problems by route, from 0 on, also of sockets', async () => {
    const before = await scrape();
    const route = '/api/v1/runs/:id';
    expect(before.sum('weir_http_problems_total', { code: 'run_not_found', route })).to.equal(0);
    expect(before.sum('weir_http_problems_total', { code: 'storage_unavailable', route: '/api/v1/trigger' })).to.equal(
      0,
    );
    expect(before.sum('weir_http_problems_total', { code: 'users_full', route: '/ws' })).to.equal(0);
    const missing = `${stage.replica(1).url}/api/v1/runs/01a1fb64-8d08-7710-94d2-5c4bd3d99333`;
    await fetch(missing, { headers: { Authorization: `Bearer ${await stage.cluster.token('ada')}` } });
    await fetch(missing);
    await fetch(`${stage.replica(1).url}/wp-login.php`);
    const page = await scrape();
    expect(page.sum('weir_http_problems_total', { code: 'run_not_found', route })).to.equal(1);
    expect(page.sum('weir_http_problems_total', { code: 'unauthenticated', route })).to.equal(1);
    expect(page.sum('weir_http_problems_total', { code: 'not_found', route: 'unmatched' })).to.equal(1);
    expect(page.text).to.not.include('wp-login');
  });

  it('count a change of level once', async () => {
    expect((await scrape()).sum('weir_level_changes_total')).to.equal(0);
    const listener = await ada().listen().live();
    await stage.person('ben').listen().live();
    const page = await shows('the level', (each) => each.sum('weir_capacity_level') === 3);
    expect(page.sum('weir_level_changes_total', { to: 'saturated' })).to.equal(1);
    expect(page.sum('weir_level_changes_total')).to.equal(1);
    await listener.close();
  });

  it('say what runs, on what, and how busy it is', async () => {
    const page = await shows('a heartbeat', (each) => each.sum('weir_event_loop_utilization') > 0);
    expect(page.sum('weir_build_info', { version: PACKAGE_VERSION, commit: 'abc1234' })).to.equal(1);
    expect(page.sum('weir_cpu_limit_cores')).to.be.within(0.01, availableParallelism());
    expect(page.sum('weir_memory_limit_bytes')).to.be.within(2 ** 26, totalmem());
    expect(page.sum('weir_event_loop_utilization')).to.be.below(1);
    expect(page.sum('weir_postgres_pool_limit')).to.equal(10);
    expect(page.sum('weir_incidents_open')).to.equal(0);
  });

  it('are all on the page, which is small', async () => {
    const { text } = await scrape();
    for (const { name, type } of createMetrics().declared) expect(text).to.include(`# TYPE ${name} ${type}\n`);
    expect(text.length).to.be.below(200_000);
  });
});
