import { expect } from 'chai';
import { until } from '../support/until.ts';
import { stackOfThisRun } from './stack.ts';

interface Target {
  labels: { job: string; instance: string };
  health: string;
  lastError: string;
}

describe('docker compose --profile monitoring up -d --wait', function () {
  this.timeout(180_000);
  const stack = stackOfThisRun();
  const prometheus = `http://127.0.0.1:${stack.ports.prometheus}`;

  before(() => stack.compose(['--profile', 'monitoring', 'up', '-d', '--wait']));
  after(async () => {
    await stack.compose(['--profile', 'monitoring', 'stop', ...WATCHERS]);
    await stack.scale(3);
  });

  async function targets(): Promise<Target[]> {
    const answer = await fetch(`${prometheus}/api/v1/targets?state=active`);
    return ((await answer.json()) as { data: { activeTargets: Target[] } }).data.activeTargets;
  }

  async function allUp(weir: number): Promise<Target[]> {
    return until(
      async () => {
        const all = await targets();
        const down = all.find(({ health }) => health !== 'up');
        if (down !== undefined) throw new Error(`${down.labels.job} ${down.labels.instance}: ${down.lastError}`);
        return all.filter(({ labels }) => labels.job === 'weir').length === weir && all;
      },
      { timeoutMs: 60_000, what: `all targets, ${weir} replicas among them, to be up` },
    );
  }

  it('watches every replica and everything around them, also replicas that come later', async () => {
    const jobs = (await allUp(3)).map(({ labels }) => labels.job);
    expect(jobs).to.include.members(['postgres', 'redis', 'nginx', 'node', 'prometheus', 'alertmanager']);
    await stack.compose(['up', '-d', '--wait', '--scale', 'api=5']);
    await allUp(5);
    await stack.scale(3);
    await allUp(3);
  });

  it('has what the replicas and the exporters measure', async () => {
    for (const query of ['sum(weir_leader) == 1', 'pg_up == 1', 'redis_up == 1', 'nginx_up == 1']) {
      const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`;
      await until(async () => ((await (await fetch(url)).json()) as Result).data.result.length > 0, {
        timeoutMs: 30_000,
        what: `a result of ${query}`,
      });
    }
  });

  it('tells its alerts to Alertmanager, by rules that Prometheus took', async () => {
    const rules = await fetch(`${prometheus}/api/v1/rules?type=alert`);
    const { data } = (await rules.json()) as { data: { groups: unknown[] } };
    expect(data.groups.length).to.be.greaterThan(0);
    const managers = await fetch(`${prometheus}/api/v1/alertmanagers`);
    const { data: known } = (await managers.json()) as { data: { activeAlertmanagers: unknown[] } };
    expect(known.activeAlertmanagers).to.have.length(1);
    expect((await fetch(`http://127.0.0.1:${stack.ports.alertmanager}/-/ready`)).status).to.equal(200);
    expect((await fetch(`http://127.0.0.1:${stack.ports.grafana}/api/health`)).status).to.equal(200);
  });
});

const WATCHERS = [
  'prometheus',
  'alertmanager',
  'grafana',
  'postgres-exporter',
  'redis-exporter',
  'nginx-exporter',
  'node-exporter',
];

interface Result {
  data: { result: unknown[] };
}
