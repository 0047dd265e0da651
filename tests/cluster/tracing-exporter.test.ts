import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../services/local/servers/free-port.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import type { Step } from '../../shared/workflow/definition.ts';
import { isFinal } from '../../shared/workflow/run-state.ts';
import { type OwnReplica, startOwnReplica } from '../support/cluster/own-replica.ts';
import { Stage } from '../support/cluster/stage.ts';
import { testDir } from '../support/test-run.ts';
import { TraceReceiver } from '../support/tracing/trace-receiver.ts';
import { until } from '../support/until.ts';

const ask: Step = { name: 'ask', type: 'llm', config: { prompt: 'Say hello' } };
const FROM_SOURCES = ['--import', 'tsx', join(PACKAGE_ROOT, 'services/main.ts')];
const COUNTED = [
  ...['--require', join(PACKAGE_ROOT, 'tests/support/tracing/loaded-packages.cjs')],
  join(PACKAGE_ROOT, 'dist/services/main.js'),
];

/** The cluster's own replica leads and does no more: what a test starts is executed by the replica of the test. */
describe('the exporter of traces', function () {
  this.timeout(90_000);
  let stage: Stage;
  let own: OwnReplica | undefined;

  before(async function () {
    this.timeout(180_000);
    stage = await Stage.open({ replicas: 1, settings: { ROLES: 'api,dispatcher' } });
  });
  afterEach(async () => {
    own?.signal('SIGKILL');
    await own?.exited;
    own = undefined;
  });
  after(async function () {
    this.timeout(60_000);
    await stage?.close();
  });

  const settings = (more: Record<string, string> = {}) => ({
    ROLES: 'api,worker',
    WEIR_SHUTDOWN_GRACE_SECONDS: '1',
    WEIR_LLM_PRIMARY_BASE_URL: `${stage.cluster.simulator.url}/primary/v1`,
    WEIR_LLM_PRIMARY_MODEL: 'sim-primary',
    ...more,
  });
  const runThrough = async (at: OwnReplica) => {
    const workflow_id = await stage.workflow('asks', ask);
    const { body } = await stage.person('ada').start({ workflow_id }, { at });
    const run = await until(
      async () => {
        const now = await stage.person('ada').api(at).getRun(body.run_id);
        return isFinal(now.status) ? now : undefined;
      },
      { timeoutMs: 30_000, what: 'the end of the run' },
    );
    return run.status;
  };
  /** Ends the replica; resolves to its exit code and how long that took (ms). */
  const end = async (replica: OwnReplica) => {
    const begun = Date.now();
    replica.signal('SIGTERM');
    const { code, at } = await replica.exited;
    return { code, ms: at - begun };
  };

  it('gets spans of requests, statements, scripts and fetches also from a program that is not compiled, the last ones when it stops', async () => {
    const receiver = await TraceReceiver.start();
    try {
      const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.endpoint}/`, WEIR_TRACE_SAMPLE_RATIO: '1' };
      own = await startOwnReplica(stage.cluster, 'from-sources', settings(tracing), FROM_SOURCES);
      expect(await runThrough(own)).to.equal('succeeded');
      expect((await end(own)).code).to.equal(0);
      const run = receiver.spans.find(({ name }) => name === 'run');
      const trace = await receiver.trace(run?.traceId ?? '', 'POST /api/v1/trigger', 'run', 'POST');
      expect(trace.spans.map(({ name }) => name)).to.include.members(['runs.insert', 'admitRuns', 'runs.finish']);
      expect(trace.path(trace.one('POST'))).to.deep.equal([
        'POST',
        'chat sim-primary',
        'step llm',
        'run',
        'POST /api/v1/trigger',
      ]);
      const names = new Set(receiver.spans.filter(({ parentSpanId }) => parentSpanId === null).map(({ name }) => name));
      expect(
        [...names].every((name) => / \/api\//.test(name)),
        [...names].join(),
      ).to.equal(true);
    } finally {
      await receiver.close();
    }
  });

  it('disturbs neither requests nor the end of a replica when its receiver is away, and says so in one line', async () => {
    const tracing = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      WEIR_TRACE_SAMPLE_RATIO: '1',
    };
    own = await startOwnReplica(stage.cluster, 'unheard', settings(tracing));
    for (let n = 0; n < 3; n++) expect(await runThrough(own)).to.equal('succeeded');
    const complaints = () =>
      readFileSync(join(stage.cluster.logDir, 'unheard.log'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('traces not exported'));
    await until(() => complaints().length > 0, { timeoutMs: 15_000, what: 'the complaint' });
    const { code, ms } = await end(own);
    expect(code).to.equal(0);
    expect(ms).to.be.below(12_000);
    expect(complaints()).to.have.length(1);
  });

  it('disturbs neither requests nor the end of a replica when its receiver never answers', async () => {
    const receiver = await TraceReceiver.start();
    receiver.silence();
    try {
      const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, WEIR_TRACE_SAMPLE_RATIO: '1' };
      own = await startOwnReplica(stage.cluster, 'unanswered', settings(tracing));
      for (let n = 0; n < 3; n++) expect(await runThrough(own)).to.equal('succeeded');
      const { code, ms } = await end(own);
      expect(code).to.equal(0);
      expect(ms).to.be.below(12_000);
    } finally {
      await receiver.close();
    }
  });

  it('is not even loaded when there is no receiver', async () => {
    const loaded = join(testDir('loaded'), 'packages.json');
    const packages = async (name: string, more: Record<string, string>) => {
      own = await startOwnReplica(stage.cluster, name, settings({ LOADED_PACKAGES: loaded, ...more }), COUNTED);
      expect(await runThrough(own)).to.equal('succeeded');
      expect((await end(own)).code).to.equal(0);
      return JSON.parse(readFileSync(loaded, 'utf8')) as string[];
    };
    expect(await packages('without', {})).to.deep.equal(['api']);
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` };
    expect(await packages('with', tracing)).to.include.members(['api', 'sdk-trace']);
  });
});
