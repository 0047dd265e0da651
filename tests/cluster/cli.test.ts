import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import type { CapacityAnswer, QueueAnswer, RunAnswer, RunPage, TriggerAnswer } from '../../shared/protocol/http.ts';
import { startCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

const ESCAPE = '\u001b';

describe('the weir client against a cluster', function () {
  // Each command is a process of its own, seconds on a busy machine.
  this.timeout(60_000);
  let cluster: LocalCluster;
  let folder: string;

  before(async function () {
    this.timeout(90_000);
    folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
    cluster = await startCluster();
  });
  after(async function () {
    this.timeout(30_000);
    await cluster?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The client as people call it, in a clone whose cluster is the one under test; rejects never. */
  function weir(argv: string[], environment: NodeJS.ProcessEnv = {}) {
    return execa('node', [join(PACKAGE_ROOT, 'services/cli/weir.mjs'), ...argv], {
      cwd: PACKAGE_ROOT,
      env: { WEIR_STATE_DIR: dirname(cluster.logDir), WEIR_URL: '', WEIR_TOKEN: '', ...environment },
      reject: false,
      timeout: 60_000,
    });
  }

  async function json<Answer>(argv: string[]): Promise<Answer> {
    const { stdout, stderr, exitCode } = await weir([...argv, '--json']);
    expect({ stderr, exitCode }, argv.join(' ')).to.deep.equal({ stderr: '', exitCode: 0 });
    return JSON.parse(stdout) as Answer;
  }

  /** A workflow file of delays, in seconds. */
  function delays(name: string, ...seconds: number[]): string {
    const file = join(folder, `${name}.json`);
    const steps = seconds.map((duration, index) => ({
      name: `step-${index + 1}`,
      type: 'delay',
      config: { duration },
    }));
    writeFileSync(file, JSON.stringify({ name, steps }));
    return file;
  }

  /** Resolves as soon as a client that is still running has printed `text`. */
  const printed = (client: ReturnType<typeof weir>, text: string) =>
    new Promise<void>((resolve, reject) => {
      let heard = '';
      client.stdout?.on('data', (piece: Buffer) => {
        heard += piece.toString();
        if (heard.includes(text)) resolve();
      });
      void client.then((result) => reject(new Error(`it ended without "${text}": ${heard}${String(result.stderr)}`)));
    });

  it('shows a run from start to result, plainly where nobody looks', async () => {
    const { stdout, stderr, exitCode } = await weir(['run', 'examples/hello.json', '--watch']);
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' });
    expect(stdout).to.match(/^hello {2}2 steps · run [0-9a-f-]{36}\n/);
    expect(stdout).to.contain('▸ Your workflow is starting').and.to.contain('✓ 1/2 breathe · delay');
    expect(stdout).to.match(/● 2\/2 greet · llm\n {6}│ \S/);
    expect(stdout).to.match(/✔ succeeded in [\d.]+ m?s$/m);
    expect(stdout).to.not.contain(ESCAPE);
  });

  it('gives scripts one event a line, the model’s words among them, and the finished run at the end', async () => {
    const { stdout, stderr } = await weir(['run', 'examples/hello.json', '--watch', '--json']);
    expect(stderr).to.equal('');
    const lines = stdout
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; data: RunAnswer & { text?: string; step?: string } });
    expect(lines.map((line) => line.type)).to.include.members([
      'ACCEPTED',
      'WORKFLOW_STARTING',
      'WORKFLOW_STEP',
      'WORKFLOW_COMPLETED',
    ]);
    const last = lines.at(-1);
    expect(last).to.have.nested.property('data.status', 'succeeded');
    const heard = lines
      .filter((line) => line.type === 'WORKFLOW_OUTPUT')
      .map((line) => line.data.text)
      .join('');
    expect(heard, 'nothing of the live output is missing').to.equal(last?.data.steps?.[1]?.output);
  });

  it('ends at once for a run that was over before anybody watched', async () => {
    const { run_id } = await json<TriggerAnswer>(['run', delays('short', 0)]);
    await until(async () => (await json<RunAnswer>(['show', run_id])).status === 'succeeded', {
      timeoutMs: 15_000,
      what: 'the run to be over',
    });
    const { stdout, exitCode } = await weir(['watch', run_id]);
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('✓ 1/1 step-1 · delay').and.to.contain('✔ succeeded');
    expect((await json<RunPage>(['runs', '--limit', '1'])).items.map((run) => run.id)).to.deep.equal([run_id]);
    expect((await weir(['show', 'last'])).stdout).to.contain(run_id);
  });

  it('starts one run for one idempotency key, however often the command is repeated', async () => {
    const file = delays('once', 0);
    const [first, second] = [
      await json<TriggerAnswer>(['run', file, '--idempotency-key', 'cli-once']),
      await json<TriggerAnswer>(['run', file, '--idempotency-key', 'cli-once']),
    ];
    expect(second.run_id).to.equal(first.run_id);
    const other = await weir(['run', file, '--idempotency-key', 'cli-once', '--payload', '{"n":1}']);
    expect(other.exitCode).to.equal(3);
  });

  it('stops watching on Ctrl-C while the run goes on, and says so; cancel ends it and every watcher', async () => {
    const client = weir(['run', delays('long', 60), '--watch']);
    await printed(client, 'Your workflow is starting');
    client.kill('SIGINT');
    const { exitCode, stderr } = await client;
    expect(exitCode).to.equal(130);
    const runId = /weir\.mjs watch ([0-9a-f-]{36})/.exec(stderr)?.[1] ?? '';
    expect((await json<RunAnswer>(['show', runId])).status).to.equal('running');
    const watcher = weir(['watch', runId]);
    await printed(watcher, 'Your workflow is starting');
    expect((await weir(['cancel', 'last'])).stdout)
      .to.contain('■ cancelled')
      .and.to.contain(runId);
    const watched = await watcher;
    expect(watched.exitCode).to.equal(1);
    expect(watched.stdout).to.contain('■ cancelled: Your workflow was cancelled');
    expect((await weir(['cancel', runId])).exitCode).to.equal(3);
  });

  it('shows the way through the queue, and changes limits for everybody', async () => {
    const before = await json<CapacityAnswer>(['capacity']);
    expect((await weir(['capacity', 'set', 'max_workflows=1'])).stdout).to.match(/max_workflows +10 +→ +1/);
    try {
      const holder = await json<TriggerAnswer>(['run', delays('holder', 60)]);
      const waiting = weir(['run', delays('waiting', 0), '--watch']);
      await printed(waiting, 'position 1');
      const queue = await json<QueueAnswer>(['queue']);
      expect(queue.items.map((item) => item.workflow_name)).to.deep.equal(['waiting']);
      await json(['cancel', holder.run_id]);
      const { exitCode, stdout } = await waiting;
      expect(exitCode).to.equal(0);
      expect(stdout).to.contain('○ Your workflow is waiting for its turn').and.to.contain('✔ succeeded');
    } finally {
      await json(['capacity', 'set', `max_workflows=${before.limits.max_workflows}`]);
    }
  });

  it('goes on watching when the replica at the other end of its socket is killed', async () => {
    const client = weir(['run', delays('survivor', 1, 8, 0), '--watch']);
    await printed(client, '✓ 1/3 step-1');
    const holder = await until(
      async () => (await json<CapacityAnswer>(['capacity'])).replicas.find((replica) => replica.sockets > 0)?.id,
      { timeoutMs: 10_000, what: 'a replica to report the socket' },
    );
    const replica = cluster.replicas.find((candidate) => candidate.id === holder);
    await replica?.kill();
    const { exitCode, stdout } = await client;
    await replica?.start();
    expect(exitCode).to.equal(0);
    const done = stdout.split('\n').filter((line) => line.includes('✓ ') && line.includes('step-'));
    expect(
      done.map((line) => line.trim().split(' ')[1]),
      'each step once',
    ).to.deep.equal(['1/3', '2/3', '3/3']);
  });

  it('says what the server refuses, field by field, and that there is none', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(
      file,
      JSON.stringify({ name: 'bad', steps: [{ name: 'a', type: 'delay', config: { duration: -1 } }] }),
    );
    const refused = await weir(['run', file]);
    expect(refused.exitCode).to.equal(3);
    expect(refused.stderr)
      .to.match(/steps\.0\.config\.duration +\S/)
      .and.to.match(/Correlation id: \S+/);
    expect(
      (await weir(['capacity'], { WEIR_TOKEN: await cluster.token('ada') })).exitCode,
      'not an administrator',
    ).to.equal(3);
    expect((await weir(['status'], { WEIR_URL: 'http://127.0.0.1:1' })).exitCode).to.equal(4);
    const status = await weir(['status']);
    expect(status.exitCode).to.equal(0);
    expect(status.stdout).to.match(/^Weir is (Healthy|Degraded) /);
  });
});
