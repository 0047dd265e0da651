import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { monitoringPlan } from '../../services/local/cluster/monitoring/plan.ts';
import {
  prometheusConfiguration,
  replicaTargets,
} from '../../services/local/cluster/monitoring/prometheus-configuration.ts';
import { PROMETHEUS_HOME, prometheusFiles } from '../../tests/support/monitoring/rule-files.ts';
import { testBinary, testDir } from '../../tests/support/test-run.ts';

interface Configuration {
  global: object;
  alerting: { alertmanagers: unknown[] };
  scrape_configs: Array<{ job_name: string; scrape_interval?: string; scrape_timeout?: string }>;
}

const OF_CONTAINERS = join(PROMETHEUS_HOME, 'prometheus.yml');
const JOBS = ['postgres', 'redis', 'nginx', 'node', 'prometheus', 'alertmanager'];

describe('the two configurations of Prometheus, for containers and for a local cluster', () => {
  let ofLocalCluster: string;

  before(() => {
    const dir = testDir('prometheus-both');
    const replicas = join(dir, 'replicas.json');
    writeFileSync(replicas, replicaTargets([{ name: 'replica-1', internalPort: 9_300 }]));
    const others = Object.fromEntries(JOBS.map((job, index) => [job, `127.0.0.1:${9_200 + index}`]));
    ofLocalCluster = join(dir, 'prometheus.yml');
    writeFileSync(ofLocalCluster, prometheusConfiguration(monitoringPlan({}), { replicas, others }));
  });

  it('are valid and load every rule file', async function () {
    this.timeout(60_000);
    const { path, environment } = testBinary('promtool');
    for (const file of [OF_CONTAINERS, ofLocalCluster]) {
      const { stdout } = await execa(path, ['check', 'config', file], { env: environment });
      const loaded = [...stdout.matchAll(/rules\/([\w-]+\.yml)\n\s+SUCCESS/g)].map(([, name]) => name);
      expect(loaded.sort()).to.deep.equal(prometheusFiles('rules').map((rules) => basename(rules)));
    }
  });

  it('differ only in where the targets are', () => {
    const [containers, local] = [OF_CONTAINERS, ofLocalCluster].map((file) => {
      const { global, alerting, scrape_configs } = parse(readFileSync(file, 'utf8')) as Configuration;
      const jobs = scrape_configs.map(({ job_name, scrape_interval, scrape_timeout }) => ({
        job_name,
        scrape_interval,
        scrape_timeout,
      }));
      return { global, alertmanagers: alerting.alertmanagers.length, jobs };
    });
    expect(containers).to.deep.equal(local);
  });
});
