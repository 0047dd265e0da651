import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { testBinary, testDir } from '../../../../tests/support/test-run.ts';
import { monitoringPlan } from './plan.ts';
import { prometheusConfiguration, replicaTargets } from './prometheus-configuration.ts';

interface Scrape {
  job_name: string;
  scrape_interval?: string;
  scrape_timeout?: string;
}

interface Configuration {
  global: { scrape_interval: string; scrape_timeout: string; evaluation_interval: string };
  alerting: { alertmanagers: Array<{ static_configs: [{ targets: string[] }] }> };
  scrape_configs: Scrape[];
}

describe('the configuration of a local Prometheus', () => {
  const of = (others: Record<string, string>, changes: Parameters<typeof monitoringPlan>[1] = {}) =>
    JSON.parse(prometheusConfiguration(monitoringPlan({}, changes), { replicas: 'r.json', others })) as Configuration;

  it('is one that Prometheus takes, with the rules of the project', async function () {
    this.timeout(20_000);
    const dir = testDir('prometheus');
    const replicas = join(dir, 'replicas.json');
    const file = join(dir, 'prometheus.yml');
    writeFileSync(replicas, replicaTargets([{ name: 'replica-1', internalPort: 1 }]));
    const others = { postgres: '127.0.0.1:2', alertmanager: '127.0.0.1:3' };
    writeFileSync(file, prometheusConfiguration(monitoringPlan({}), { replicas, others }));
    const { stdout } = await execa(testBinary('promtool').path, ['check', 'config', file]);
    expect(stdout)
      .to.match(/alerts-replicas\.yml/)
      .and.to.include('is valid prometheus config file syntax');
  });

  it('looks at replicas every 5 s and at the rest every 15 s', () => {
    const { global, scrape_configs } = of({ redis: 'a:1', node: 'b:2' });
    expect(global).to.include({ scrape_interval: '15s', evaluation_interval: '15s' });
    expect(scrape_configs.map(({ job_name }) => job_name)).to.deep.equal(['weir', 'redis', 'node']);
    expect(scrape_configs[0]).to.include({ scrape_interval: '5s', scrape_timeout: '4s' });
  });

  it('gives no scrape more time than there is until the next', () => {
    const quick = of({}, { scrapeInterval: '500ms', slowScrapeInterval: '1s' });
    expect(quick.scrape_configs[0]).to.include({ scrape_interval: '500ms', scrape_timeout: '500ms' });
    expect(quick.global.scrape_timeout).to.equal('1s');
    expect(of({}, { slowScrapeInterval: '1m' }).global.scrape_timeout).to.equal('10s');
    expect(() => of({}, { scrapeInterval: '5 s' })).to.throw('"5 s" is not a duration like 500ms, 5s, 1m or 1h.');
  });

  it('sends alerts to Alertmanager where there is one', () => {
    expect(of({}).alerting.alertmanagers).to.deep.equal([]);
    const { alertmanagers } = of({ alertmanager: '127.0.0.1:3' }).alerting;
    expect(alertmanagers[0]?.static_configs[0].targets).to.deep.equal(['127.0.0.1:3']);
  });

  it('calls replicas by their names, whatever their ports', () => {
    expect(JSON.parse(replicaTargets([{ name: 'replica-2', internalPort: 29_893 }]))).to.deep.equal([
      { targets: ['127.0.0.1:29893'], labels: { instance: 'replica-2' } },
    ]);
  });
});
