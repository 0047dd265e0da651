import { expect } from 'chai';
import { type Alert, AlertmanagerRig } from '../support/monitoring/alertmanager-rig.ts';
import { until } from '../support/until.ts';

const TEAM = 'team@example.com';
const KEYS = { 'pagerduty-key': 'on-call' };
/** In operation 10 s, 30 s and 5 min: docs/operations/alerting.md. */
const TIMES = { ALERT_PAGE_WAIT: '200ms', ALERT_GROUP_WAIT: '200ms' };
const DEDUPLICATION_MS = 2_000;

const critical = (alertname: string, component = alertname): Alert => ({ alertname, component, severity: 'critical' });
const warning = (alertname: string, component = alertname): Alert => ({ alertname, component, severity: 'warning' });
const info = (alertname: string, component = alertname): Alert => ({ alertname, component, severity: 'info' });

/** Until whoever was to be told about what fires by now has been told: alerts that came later have reached everybody. */
async function markersTold(rig: AlertmanagerRig, name: string): Promise<void> {
  await rig.fire([critical(`${name}C`), warning(`${name}W`), info(`${name}I`)]);
  await rig.recorder.until(`${name}C`, 'on-call');
  await rig.recorder.until(`${name}W`, TEAM);
  await rig.recorder.until(`${name}I`, 'team');
}

describe('who is told about an alert', function () {
  this.timeout(30_000);
  let rig: AlertmanagerRig;
  let markers = 0;

  before(async () => {
    rig = await AlertmanagerRig.start({ ALERT_MAIL_TO: TEAM, ALERT_DEDUPLICATION: '2s', ...TIMES }, KEYS);
  });
  after(() => rig?.close());

  const settled = () => markersTold(rig, `Marker${++markers}`);

  it('a critical one pages, a warning is mailed, an info goes to the chat, and nobody else hears of it', async () => {
    await rig.fire([critical('RedisGone'), warning('DiskFuller'), info('HouseFuller')]);
    await settled();
    expect(rig.recorder.about('RedisGone').map(({ means, to }) => [means, to])).to.deep.equal([
      ['pagerduty', 'on-call'],
    ]);
    expect(rig.recorder.about('DiskFuller').map(({ means, to }) => [means, to])).to.deep.equal([['mail', TEAM]]);
    expect(rig.recorder.about('HouseFuller').map(({ means, to }) => [means, to])).to.deep.equal([['slack', 'team']]);
  });

  it('one of unknown severity is mailed: somebody must read it', async () => {
    await rig.fire([{ ...warning('Misspelt'), severity: 'kritical' }]);
    await rig.recorder.until('Misspelt', TEAM);
  });

  it('they say what is wrong, where, since when and what to do', async () => {
    await rig.fire([{ ...critical('PoolEmpty', 'db'), instance: 'replica-2' }], Date.UTC(2026, 0, 2, 3, 4, 5));
    const page = await rig.recorder.until('PoolEmpty', 'on-call');
    expect(page.title).to.equal('CRITICAL: PoolEmpty (db): PoolEmpty was measured.');
    expect(page.text).to.equal(`PoolEmpty on replica-2: PoolEmpty was measured.
What PoolEmpty means.
What to do: https://weir.example.com/docs/operations/runbook.md#poolempty
Since 2026-01-02 03:04:05 UTC.

`);
  });

  it('what many replicas see is one page, and all warnings of a component are one mail', async () => {
    const replicas = ['replica-1', 'replica-2', 'replica-3'];
    await rig.fire(replicas.map((instance) => ({ ...critical('OutOfMemory'), instance })));
    await rig.fire([warning('QueueLong', 'line'), warning('QueueOld', 'line')]);
    await settled();
    const pages = rig.recorder.about('OutOfMemory');
    expect(pages).to.have.length(1);
    for (const replica of replicas) expect(pages[0]?.text).to.include(`OutOfMemory on ${replica}`);
    expect(rig.recorder.about('QueueLong')).to.deep.equal(rig.recorder.about('QueueOld')).and.have.length(1);
  });

  it('who was told that it began is told once that it is over', async () => {
    await rig.fire([critical('Outage'), warning('Slowness'), info('Fullness')]);
    await settled();
    await rig.resolve([critical('Outage'), warning('Slowness'), info('Fullness')]);
    const page = await rig.recorder.until('Outage', 'on-call', 'resolved');
    const [first] = rig.recorder.about('Outage');
    expect(page.incident).to.equal(first?.incident).and.be.a('string');
    expect((await rig.recorder.until('Slowness', TEAM, 'resolved')).title).to.equal(
      'RESOLVED: Slowness (Slowness): Slowness was measured.',
    );
    await rig.recorder.until('Fullness', 'team', 'resolved');
    await settled();
    expect(rig.recorder.told('Outage')).to.deep.equal(['on-call', 'over: on-call']);
    expect(rig.recorder.told('Slowness')).to.deep.equal([TEAM, `over: ${TEAM}`]);
    expect(rig.recorder.told('Fullness')).to.deep.equal(['team', 'over: team']);
  });

  it('another replica with the same trouble joins the incident after the de-duplication interval', async () => {
    const on = (instance: string) => ({ ...critical('Spreading'), instance });
    await rig.fire([on('replica-1')]);
    const first = await rig.recorder.until('Spreading', 'on-call');
    await rig.fire([on('replica-1'), on('replica-2')]);
    const second = await rig.recorder.until('Spreading', 'on-call', 'firing', 2);
    expect(second.at - first.at).to.be.greaterThan(DEDUPLICATION_MS - 500);
    expect(second.incident).to.equal(first.incident);
    expect(second.text).to.include('replica-2');
  });

  it('a restart of Alertmanager tells nobody anything twice', async () => {
    const since = Date.now();
    await rig.fire([critical('StillThere')], since);
    await rig.recorder.until('StillThere', 'on-call');
    await rig.restart();
    await rig.fire([critical('StillThere')], since);
    await settled();
    expect(rig.recorder.told('StillThere')).to.deep.equal(['on-call']);
  });

  it('no service has refused anything', () => expect(rig.recorder.faults).to.deep.equal([]));
});

describe('an alert', function () {
  this.timeout(40_000);

  it('that ends and comes back within the de-duplication interval is one incident, told once', async () => {
    const rig = await AlertmanagerRig.start({ ALERT_MAIL_TO: TEAM, ...TIMES, ALERT_DEDUPLICATION: '8s' }, KEYS);
    try {
      const flapping = [critical('Flapping')];
      await rig.fire(flapping);
      const first = await rig.recorder.until('Flapping', 'on-call');
      await rig.resolve(flapping);
      await markersTold(rig, 'Gone');
      await rig.fire(flapping);
      await markersTold(rig, 'Back');
      expect(rig.recorder.told('Flapping')).to.deep.equal(['on-call']);
      await rig.resolve(flapping);
      const over = await rig.recorder.until('Flapping', 'on-call', 'resolved');
      expect(rig.recorder.told('Flapping')).to.deep.equal(['on-call', 'over: on-call']);
      expect(over.incident).to.equal(first.incident);
      expect(over.at - first.at).to.be.within(7_500, 18_000);
    } finally {
      await rig.close();
    }
  });

  it('that lasts is told again after the repeat interval, and not before', async () => {
    const times = { ...TIMES, ALERT_DEDUPLICATION: '500ms', ALERT_REPEAT_CRITICAL: '3s' };
    const rig = await AlertmanagerRig.start({ ALERT_MAIL_TO: TEAM, ...times }, KEYS);
    try {
      await rig.fire([critical('Lasting')]);
      const first = await rig.recorder.until('Lasting', 'on-call');
      const second = await rig.recorder.until('Lasting', 'on-call', 'firing', 2);
      expect(second.at - first.at).to.be.within(2_000, 13_000);
    } finally {
      await rig.close();
    }
  });
});

describe('a critical alert', function () {
  this.timeout(30_000);

  it('pages by Opsgenie where that is the pager, which closes it when it is over', async () => {
    const rig = await AlertmanagerRig.start({ ...TIMES, ALERT_DEDUPLICATION: '1s' }, { 'opsgenie-key': 'genie' });
    try {
      await rig.fire([critical('Fire', 'kitchen')]);
      const { title, incident } = await rig.recorder.until('Fire', 'genie');
      expect(title).to.equal('CRITICAL: Fire (kitchen): Fire was measured.');
      await rig.resolve([critical('Fire', 'kitchen')]);
      await until(() => rig.recorder.all.length === 2, { timeoutMs: 20_000, what: 'the end' });
      expect(rig.recorder.all[1]).to.include({ means: 'opsgenie', to: 'genie', status: 'resolved', incident });
      expect(rig.recorder.faults).to.deep.equal([]);
    } finally {
      await rig.close();
    }
  });

  it('is mailed and said in the chat where there is no pager', async () => {
    const rig = await AlertmanagerRig.start({ ...TIMES, ALERT_MAIL_TO: TEAM });
    try {
      await rig.fire([critical('Fire')]);
      await rig.recorder.until('Fire', TEAM);
      await rig.recorder.until('Fire', 'team');
    } finally {
      await rig.close();
    }
  });
});
