import { expect } from 'chai';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { EXPORTED } from '../support/monitoring/exported-metrics.ts';
import { greets } from '../support/monitoring/load.ts';
import { PrometheusClient } from '../support/monitoring/prometheus-client.ts';
import { RaisedAlerts } from '../support/monitoring/raised-alerts.ts';
import { Scene } from '../support/monitoring/scene.ts';
import { SimulatedProviders } from '../support/providers/simulated-providers.ts';
import { until } from '../support/until.ts';

/** Metrics that no exporter of this cluster reports. */
const NOT_HERE: Record<string, string> = {
  pg_stat_replication_pg_wal_lsn_diff: 'there is no standby',
  pg_replication_lag_seconds: 'postgres_exporter 0.11 does not know it',
  pg_replication_is_replica: 'postgres_exporter 0.11 does not know it',
  probe_ssl_earliest_cert_expiry: 'no blackbox exporter is part of the stack',
};

describe('alerts of a real Prometheus that watches a real cluster, with the rules as they are', function () {
  this.timeout(120_000);
  let stage: Stage;
  let scene: Scene;
  let alerts: RaisedAlerts;

  before(async () => {
    stage = await Stage.open({
      settings: {
        WEIR_MAX_USERS: '4',
        WEIR_MAX_WORKFLOWS: '2',
        WEIR_QUEUE_MAX: '4',
        WEIR_LLM_OPEN_SECONDS: '2',
      },
      // The exporter of Postgres takes more than a second to say that there is none.
      monitoring: { scrapeInterval: '1s', slowScrapeInterval: '3s', evaluationInterval: '1s' },
    });
    const prometheus = stage.cluster.monitoring('prometheus');
    scene = new Scene(stage, new PrometheusClient(prometheus.url));
    alerts = new RaisedAlerts(prometheus);
    await scene.seen('count(up == 1)', (targets) => targets === 9);
  });
  after(() => stage?.close());

  it('a cluster that does its work raises none, and every exporter reports what the rules ask of it', async () => {
    await alerts.over(...(await alerts.names()));
    const from = Date.now() / 1_000;
    for (let round = 0; round < 3; round++) await scene.ended(await scene.start('worker', await greets(scene)));
    await scene.scraped();
    const { prometheus } = scene;
    const raised = await prometheus.range('ALERTS', { from, to: Date.now() / 1_000, step: 1 });
    expect(await alerts.names(), JSON.stringify(raised)).to.deep.equal([]);
    const present = await prometheus.labelValues('__name__', '{__name__!=""}');
    const expected = Object.values(EXPORTED).flat();
    expect(expected.filter((name) => !present.includes(name))).to.have.members(Object.keys(NOT_HERE));
  });

  it('a replica that dies is pending at once, firing after half a minute, and over when it is back', async () => {
    const leader = await stage.leader();
    await leader.kill();
    await alerts.raised(['ReplicaDown']);
    const down = async () => (await alerts.now()).filter(({ labels }) => labels.alertname === 'ReplicaDown');
    expect((await down()).map(({ state, labels }) => [state, labels.instance])).to.deep.equal([['pending', leader.id]]);
    await until(async () => (await down())[0]?.state === 'firing', { timeoutMs: 60_000, what: 'ReplicaDown to fire' });
    expect((await down())[0]?.annotations.summary).to.equal(`Replica ${leader.id} does not answer.`);
    expect(await alerts.names()).to.deep.equal(['ReplicaDown']);
    await leader.start();
    await alerts.over('ReplicaDown');
  });

  it('a full house, a full queue, and people who are turned away', async () => {
    const people = ['a', 'b', 'c', 'd'].map((id) => stage.person(id));
    await Promise.all(people.map((person) => person.listen().live()));
    await alerts.raised(['CapacityElevated', 'CapacityDegraded', 'CapacitySaturated']);
    const naps = await stage.workflow('naps', delayStep('nap', 6));
    await alerts.raised(['SlotsAllTaken', 'QueueNearLimit', 'StartsRefused'], () =>
      stage.person('greedy').start({ workflow_id: naps }),
    );
    await Promise.all(people.map((person) => person.close()));
    await alerts.over('CapacityElevated', 'SlotsAllTaken', 'QueueNearLimit');
  });

  it('a provider that is down, and then both', async () => {
    const providers = new SimulatedProviders(stage.cluster.simulator.url);
    const workflow_id = await greets(scene);
    const ask = () => stage.person('asker').start({ workflow_id });
    await providers.set('primary', { mode: 'unavailable' });
    await alerts.raised(['ProviderSwitched', 'ProviderBreakerOpen'], ask);
    expect(await alerts.names()).to.not.include('NoProviderAnswers');
    await providers.set('backup', { mode: 'unavailable' });
    await alerts.raised(['NoProviderAnswers'], ask);
    await providers.set('primary', { mode: 'ok' });
    await providers.set('backup', { mode: 'ok' });
    await alerts.over('NoProviderAnswers', 'ProviderSwitched', 'ProviderBreakerOpen');
  });

  it('Redis, Postgres and Nginx that are gone, and back', async () => {
    const { redis, postgres, nginx } = stage.cluster;
    const workflow_id = await greets(scene);
    const ask = () => stage.person('unlucky').start({ workflow_id }, { at: stage.replica(1) });
    const faults = [
      { part: redis, raises: ['RedisDown', 'RedisUnreachable', 'LeaderMissing'] },
      { part: postgres, raises: ['PostgresDown', 'PostgresBreakerOpen'] },
      { part: nginx, raises: ['NginxDown'] },
    ];
    for (const { part, raises } of faults) {
      await part.stop();
      await alerts.raised(raises, ask);
      await part.start();
      await alerts.over(...raises);
    }
  });
});
