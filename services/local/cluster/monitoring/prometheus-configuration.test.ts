import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { PROMETHEUS_HOME, prometheusFiles } from '../../../../tests/support/monitoring/rule-files.ts';
import { testBinary, testDir } from '../../../../tests/support/test-run.ts';
import { monitoringPlan } from './plan.ts';
import { prometheusConfiguration, replicaTargets } from './prometheus-configuration.ts';

interface Configuration {
  global: object;
  rule_files: string[];
  alerting: { alertmanagers: unknown[] };
  scrape_configs: Array<{ job_name: string; scrape_interval?: string; scrape_timeout?: string }>;
}

const JOBS = ['postgres', 'redis', 'nginx', 'node', 'prometheus', 'alertmanager'];
const OF_CONTAINERS = join(PROMETHEUS_HOME, 'prometheus.yml');

describe('configuration of Prometheus', () => {
  const plan = monitoringPlan({});
  const others = Object.fromEntries(JOBS.map((job, index) => [job, `127.0.0.1:${9_200 + index}`]));
  const local = (replicas: string) => prometheusConfiguration(plan, { replicas, others });
  const promtool = async (file: string) => {
    const { path, environment } = testBinary('promtool');
    const { stdout } = await execa(path, ['check', 'config', file], { env: environment });
    return stdout;
  };
  const ruleFiles = (checked: string) =>
    [...checked.matchAll(/rules\/([\w-]+\.yml)\n\s+SUCCESS/g)].map(([, name]) => name).sort();
  const allRuleFiles = prometheusFiles('rules').map((file) => basename(file));

  it('for containers is valid, with every rule file', async () => {
    expect(ruleFiles(await promtool(OF_CONTAINERS))).to.deep.equal(allRuleFiles);
  });

  it('for a local cluster is valid, with every rule file', async () => {
    const dir = testDir('prometheus');
    mkdirSync(dir, { recursive: true });
    const replicas = join(dir, 'replicas.json');
    writeFileSync(replicas, replicaTargets([{ name: 'replica-1', internalPort: 9_300 }]));
    writeFileSync(join(dir, 'prometheus.yml'), local(replicas));
    expect(ruleFiles(await promtool(join(dir, 'prometheus.yml')))).to.deep.equal(allRuleFiles);
  });

  it('is the same for both, but for where the targets are', () => {
    const [containers, here] = [readFileSync(OF_CONTAINERS, 'utf8'), local('/replicas.json')].map((text) => {
      const { global, alerting, scrape_configs } = parse(text) as Configuration;
      const jobs = scrape_configs.map(({ job_name, scrape_interval, scrape_timeout }) => ({
        job_name,
        scrape_interval,
        scrape_timeout,
      }));
      return { global, alertmanagers: alerting.alertmanagers.length, jobs };
    });
    expect(containers).to.deep.equal(here);
  });

  it('leaves out what is not there', () => {
    const { alerting, scrape_configs } = JSON.parse(
      prometheusConfiguration(plan, { replicas: '/replicas.json', others: { redis: '127.0.0.1:1' } }),
    ) as Configuration;
    expect(scrape_configs.map(({ job_name }) => job_name)).to.deep.equal(['weir', 'redis']);
    expect(alerting.alertmanagers).to.deep.equal([]);
  });
});
