import { expect } from 'chai';
import { freePort } from '../../services/local/servers/free-port.ts';
import { Clone } from '../support/cluster/clone.ts';
import { PrometheusClient } from '../support/monitoring/prometheus-client.ts';
import { until } from '../support/until.ts';

const WATCHERS = [
  'alertmanager',
  'node-exporter',
  'postgres-exporter',
  'redis-exporter',
  'nginx-exporter',
  'prometheus',
];
const JOBS = ['alertmanager', 'nginx', 'node', 'postgres', 'prometheus', 'redis'];

describe('a cluster that is watched (make up MONITORING=1)', function () {
  this.timeout(120_000);
  let clone: Clone;
  let firstUp: Awaited<ReturnType<Clone['weir']>>;

  before(async function () {
    // The first one compiles.
    this.timeout(240_000);
    clone = new Clone(await freePort());
    firstUp = await clone.weir('up', { REPLICAS: '2', MONITORING: '1' });
  });
  after(() => clone?.weir('down'));

  const urlOf = (title: string, output: string) => {
    const [, url] = new RegExp(`^ +${title} +(http://127\\.0\\.0\\.1:\\d+)`, 'm').exec(output) ?? [];
    if (url === undefined) throw new Error(`no address of ${title} in:\n${output}`);
    return url;
  };
  const prometheus = () => new PrometheusClient(urlOf('Prometheus', firstUp.out));
  /** Waits until exactly these targets (`job` or `weir/instance`) are known and all answer. */
  const scrapes = async (...expected: string[]) => {
    const client = prometheus();
    await until(
      async () => {
        const up = (await client.instant('up')).map(({ labels, values }) => ({
          target: labels.job === 'weir' ? `weir/${labels.instance}` : labels.job,
          answers: values[0]?.value === 1,
        }));
        expect(up.map(({ target }) => target)).to.have.members(expected);
        return up.every(({ answers }) => answers);
      },
      { timeoutMs: 60_000, what: `every one of ${expected.join(', ')} to be up` },
    );
  };

  it('says where Prometheus and Alertmanager are, and that alerts reach nobody yet', async () => {
    expect([firstUp.code, firstUp.err]).to.deep.equal([0, '']);
    expect(Object.keys(clone.processes())).to.include.members(WATCHERS);
    const status = await clone.weir('status');
    expect(status.code).to.equal(0);
    for (const output of [firstUp.out, status.out]) {
      for (const title of ['Prometheus', 'Alertmanager'])
        expect((await fetch(`${urlOf(title, output)}/-/ready`)).status).to.equal(200);
      expect(output).to.include('(alerts reach nobody yet: see docs/operations/alerting.md)');
    }
    for (const part of WATCHERS) expect(status.out).to.match(new RegExp(`^${part} +up `, 'm'));
  });

  it('is scraped whole: every replica and every exporter answers, and every rule can be evaluated', async () => {
    await scrapes(...JOBS, 'weir/replica-1', 'weir/replica-2');
    const client = prometheus();
    for (const one of ['pg_up', 'redis_up', 'nginx_up']) {
      const [series] = await client.instant(one);
      expect(series?.values[0]?.value, one).to.equal(1);
    }
    const failures = await client.instant('sum(prometheus_rule_evaluation_failures_total)');
    expect(failures[0]?.values[0]?.value).to.equal(0);
    expect(await client.labelValues('alertmanager', 'prometheus_notifications_errors_total')).to.have.length(1);
  });

  it('is followed when it grows and shrinks, without a restart of Prometheus', async () => {
    const before = clone.processes();
    expect((await clone.weir('up', { REPLICAS: '3' })).code).to.equal(0);
    await scrapes(...JOBS, 'weir/replica-1', 'weir/replica-2', 'weir/replica-3');
    expect((await clone.weir('up', { REPLICAS: '2' })).code).to.equal(0);
    await scrapes(...JOBS, 'weir/replica-1', 'weir/replica-2');
    expect(clone.processes()).to.deep.equal(before);
  });

  it('takes other receivers while it is up, and refuses wrong ones in one sentence', async () => {
    const before = clone.processes();
    const mail = { ALERT_MAIL_SMARTHOST: '127.0.0.1:1', ALERT_MAIL_TO: 'sre@example.com' };
    const told = await clone.weir('up', mail);
    expect(told.out).to.match(/^Weir is already up with 2 replicas; alertmanager told about what changed\./);
    expect(told.out).to.include('(alerts reach mail)');
    const status = `${urlOf('Alertmanager', told.out)}/api/v2/status`;
    await until(async () => (await (await fetch(status)).text()).includes('sre@example.com'), {
      timeoutMs: 10_000,
      what: 'Alertmanager to have the address',
    });
    for (const [environment, sentence] of [
      [{ ALERT_MAILTO: 'x' }, /^ALERT_MAILTO is not a setting; did you mean ALERT_MAIL_TO\?$/],
      [{ ALERT_DEDUPLICATION: 'long' }, /^Alertmanager would refuse what ALERT_\* say: .*"long"$/],
    ] as const) {
      const refused = await clone.weir('up', environment);
      expect([refused.code, refused.out]).to.deep.equal([2, '']);
      expect(refused.err).to.match(sentence);
    }
    expect((await clone.weir('up')).out)
      .to.include('nothing to do')
      .and.include('(alerts reach mail)');
    expect(clone.processes()).to.deep.equal(before);
  });

  it('starts again a watcher that died, and only that', async () => {
    const { prometheus: killed, ...others } = clone.processes();
    if (killed === undefined) throw new Error('prometheus does not run');
    process.kill(killed.pid, 'SIGKILL');
    await until(() => clone.processes().prometheus === undefined, { timeoutMs: 5_000, what: 'its end' });
    const status = await clone.weir('status');
    expect(status.code).to.equal(1);
    expect(status.out).to.match(/^prometheus +dead/m);
    expect((await clone.weir('up')).code).to.equal(0);
    expect(clone.processes()).to.deep.include(others).and.to.have.property('prometheus');
  });

  it('goes on unwatched with MONITORING=0, and is watched again with MONITORING=1', async () => {
    const parts = Object.entries(clone.processes()).filter(([name]) => !WATCHERS.includes(name));
    const without = await clone.weir('up', { MONITORING: '0' });
    expect([without.code, without.out.includes('Prometheus')]).to.deep.equal([0, false]);
    expect(clone.processes()).to.deep.equal(Object.fromEntries(parts));
    const again = await clone.weir('up', { MONITORING: '1' });
    expect(again.code).to.equal(0);
    expect(clone.processes()).to.deep.include(Object.fromEntries(parts)).and.include.all.keys(WATCHERS);
  });

  it('is taken down whole', async () => {
    expect((await clone.weir('down')).code).to.equal(0);
    expect(clone.processes()).to.deep.equal({});
    expect(await fetch(urlOf('Prometheus', firstUp.out)).catch(() => 'closed')).to.equal('closed');
  });
});
