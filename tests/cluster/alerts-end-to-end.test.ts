import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { startCluster } from '../support/cluster.ts';
import { secretsFolder } from '../support/monitoring/alertmanager-rig.ts';
import { NotificationRecorder } from '../support/monitoring/notification-recorder.ts';
import { PrometheusClient } from '../support/monitoring/prometheus-client.ts';
import { testDir } from '../support/test-run.ts';
import { until } from '../support/until.ts';

const RULES = join(PACKAGE_ROOT, 'monitoring/prometheus/rules');
const TEAM = 'team@example.com';

describe('an alert, from what happens to whoever is told', function () {
  this.timeout(90_000);
  let cluster: LocalCluster;
  let recorder: NotificationRecorder;

  before(async function () {
    this.timeout(120_000);
    recorder = await NotificationRecorder.open();
    const second = '1s';
    cluster = await startCluster({
      replicas: 3,
      monitoring: {
        parts: ['prometheus', 'alertmanager'],
        scrapeInterval: second,
        slowScrapeInterval: second,
        evaluationInterval: second,
        rules: hastyRules(),
        alerting: {
          ...recorder.addresses,
          ALERT_MAIL_TO: TEAM,
          ALERT_SECRETS: secretsFolder({ ...recorder.keys, 'pagerduty-key': 'on-call' }),
          ALERT_PAGE_WAIT: second,
          ALERT_GROUP_WAIT: second,
          ALERT_DEDUPLICATION: second,
        },
      },
    });
    const prometheus = new PrometheusClient(cluster.monitoring('prometheus').url);
    const known = async () => (await prometheus.instant('cluster:weir_replicas_up:count'))[0]?.values[0]?.value === 3;
    await until(known, { timeoutMs: 30_000, what: 'Prometheus to have seen three replicas' });
  });
  after(async () => {
    await cluster?.close();
    await recorder?.close();
  });

  const replica = (n: number) => {
    const found = cluster.replicas[n - 1];
    if (found === undefined) throw new Error(`no replica ${n}`);
    return found;
  };

  it('a replica that dies is a mail with its name and what to do', async () => {
    await replica(3).kill();
    const { text } = await recorder.until('ReplicaDown', TEAM);
    expect(text).to.match(/ReplicaDown on replica-3: Replica replica-3 does not answer\./);
    expect(text).to.match(/What to do: https:\/\/\S+\/docs\/operations\/runbook\.md#replicadown/);
  });

  it('the last but one that dies is a page, which says how many there were', async () => {
    await replica(2).kill();
    const page = await recorder.until('RedundancyLost', 'on-call');
    expect(page.title).to.equal(
      'CRITICAL: RedundancyLost (replica): Only one replica is left; there were 3 within the last day.',
    );
  });

  it('when they are back, everybody hears that it is over', async () => {
    await replica(2).start();
    await recorder.until('RedundancyLost', 'on-call', 'resolved');
    // What ends while the page still hides it ends unheard, so the last one comes back after the page.
    await replica(3).start();
    // In a mail of its own or beside what a starting replica gives rise to: the rules are hasty here.
    const over = () =>
      recorder.all.some(({ to, text }) => to === TEAM && text?.includes('Over: ReplicaDown on replica-3'));
    await until(over, { timeoutMs: 30_000, what: 'the mail that replica-3 is back' });
    expect(recorder.faults).to.deep.equal([]);
  });
});

/** The rules of the project, which are sure of themselves after a second. */
function hastyRules(): string {
  const dir = join(testDir('rules'), 'hasty');
  mkdirSync(dir);
  for (const name of readdirSync(RULES).filter((file) => file.endsWith('.yml'))) {
    const rules = readFileSync(join(RULES, name), 'utf8');
    writeFileSync(join(dir, name), rules.replace(/^( +for: ).*$/gm, '$11s').replace(/^( +interval: ).*$/gm, '$11s'));
  }
  return join(dir, '*.yml');
}
