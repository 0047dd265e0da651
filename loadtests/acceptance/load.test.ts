import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { startCluster } from '../../tests/support/cluster.ts';
import { until } from '../../tests/support/until.ts';

/**
 * Real runs, with artillery, as `make load` has them. Not part of `make test`: artillery alone takes minutes to install. How quick the machine is
 * decides nothing here; what is lost, told twice or out of order does.
 */
describe('make load', function () {
  this.timeout(180_000);
  let cluster: LocalCluster;
  let stateDir: string;

  before(async () => {
    cluster = await startCluster();
    stateDir = dirname(cluster.logDir);
  });
  after(() => cluster?.close());

  const load = (environment: Record<string, string>) =>
    execa(process.execPath, ['--import', 'tsx', 'loadtests/run/main.ts'], {
      cwd: PACKAGE_ROOT,
      env: { WEIR_STATE_DIR: stateDir, ...environment },
      reject: false,
    });
  const reportOf = (scenario: string) => {
    const runs = join(stateDir, 'load', scenario);
    const folder = join(runs, readdirSync(runs).sort().at(-1) ?? '');
    return { files: readdirSync(folder), json: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) };
  };

  it('plays users of three regions who break their sockets, and finds nothing lost', async () => {
    const before = await limits();
    await load({ SCENARIO: 'reconnect-storm', TIME_SCALE: '0.06', USERS: '12', REGIONS: 'local,us-east,ap-south' });
    const { files, json } = reportOf('reconnect-storm');
    expect(files).to.include.members(['report.html', 'report.json', 'timeline.csv', 'artillery.json']);
    const { wanted, arrivals } = json.users;
    expect([wanted, arrivals]).to.deep.equal([12, 12]);
    expect(Object.entries(json.faults).filter(([, times]) => times !== 0)).to.deep.equal([]);
    expect(json.totals.requests).to.be.above(12);
    expect(json.totals.failed).to.equal(0);
    expect(json.spans.resume.count).to.be.at.least(12);
    expect(json.regions).to.have.length(3);
    expect(await limits(), 'limits are given back').to.deep.equal(before);
  });

  it('that cannot begin says why in one sentence, ends, and leaves no folder that looks like a run', async () => {
    const { exitCode, stderr } = await load({ SCENARIO: 'baseline', TOKEN_COMMAND: 'echo somebody' });
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^http:\S+ refuses the load test: [^\n]+ TOKEN_COMMAND\)\.$/);
    expect(existsSync(join(stateDir, 'load', 'baseline'))).to.equal(false);
    const before = await limits();
    const taken = await load({ SCENARIO: 'baseline', METRICS_PORT: new URL(cluster.nginxUrl).port });
    expect([taken.exitCode, taken.stderr]).to.deep.equal([
      1,
      `METRICS_PORT ${new URL(cluster.nginxUrl).port} is taken.`,
    ]);
    expect(existsSync(join(stateDir, 'load', 'baseline'))).to.equal(false);
    expect(await limits(), 'limits are as before').to.deep.equal(before);
  });

  it('shares its users between as many players as it is given', async () => {
    await load({ SCENARIO: 'smoke', TIME_SCALE: '0.3', USERS: '11', WORKERS: '3' });
    const { files, json } = reportOf('smoke');
    expect(json.users.arrivals).to.equal(11);
    expect(files).to.include.members(['artillery.log', 'artillery-2.log', 'artillery-3.log']);
  });

  it('tells the story: every acceptance criterion holds', async () => {
    const { exitCode, stdout } = await load({ SCENARIO: 'story' });
    expect(stdout).not.to.include('✗');
    expect(exitCode).to.equal(0);
    expect(reportOf('story').json.findings).to.have.length(13);
  });

  it('fails when a threshold is broken: the database goes away and does not come back', async () => {
    const running = load({ SCENARIO: 'smoke', TIME_SCALE: '0.4' });
    await until(async () => (await capacity()).active_users > 0, { timeoutMs: 30_000, what: 'users' });
    await cluster.postgres.kill();
    const { exitCode } = await running;
    await cluster.postgres.start();
    expect(exitCode).to.equal(1);
  });

  async function capacity() {
    const token = await cluster.token('root', 'admin');
    const answer = await fetch(`${cluster.nginxUrl}/api/v1/admin/capacity`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return (await answer.json()) as { limits: object; active_users: number };
  }
  async function limits() {
    return (await capacity()).limits;
  }
});
