import { expect } from 'chai';
import { type Alert, AlertmanagerRig } from '../support/monitoring/alertmanager-rig.ts';

/** In operation 5, 15 and 30 minutes (monitoring/alertmanager/template.test.ts); here seconds. */
const LEVELS_MS = [1_000, 3_000, 6_000] as const;
const TIMES = {
  ALERT_PAGE_WAIT: '200ms',
  ALERT_GROUP_WAIT: '200ms',
  ALERT_DEDUPLICATION: '1s',
  ALERT_ESCALATION_1: '1s',
  ALERT_ESCALATION_2: '3s',
  ALERT_ESCALATION_3: '6s',
};
const KEYS = {
  'pagerduty-key': 'on-call',
  'pagerduty-key-level-1': 'first',
  'pagerduty-key-level-2': 'second',
  'pagerduty-key-level-3': 'manager',
};
/** A busy machine delivers late, never early. */
const LATE_MS = 8_000;
const EARLY_MS = 150;

const critical = (alertname: string, instance = 'replica-1'): Alert => ({
  alertname,
  instance,
  component: alertname,
  severity: 'critical',
});

describe('a critical alert that nobody takes care of', function () {
  this.timeout(40_000);
  let rig: AlertmanagerRig;

  beforeEach(async () => {
    rig = await AlertmanagerRig.start(TIMES, KEYS);
  });
  afterEach(() => rig?.close());

  /** PagerDuty only: the chat hears of each level too. */
  const paged = (alert: string) =>
    rig.recorder
      .about(alert)
      .filter(({ means }) => means === 'pagerduty')
      .map(({ to, status }) => (status === 'firing' ? to : `over: ${to}`));

  it('goes to the next level when its time is up, once to each, and the chat hears of it', async () => {
    const began = Date.now();
    await rig.fire([critical('Ignored')], began);
    await rig.recorder.until('Ignored', 'manager');
    expect(paged('Ignored')).to.deep.equal(['on-call', 'first', 'second', 'manager']);
    const told = ['first', 'second', 'manager'].map((to) => rig.recorder.about('Ignored', to)[0]);
    LEVELS_MS.forEach((level, index) => {
      expect((told[index]?.at ?? 0) - began).to.be.within(level - EARLY_MS, level + LATE_MS);
      expect(told[index]?.title).to.equal(`Level ${index + 1}: CRITICAL: Ignored (Ignored): Ignored was measured.`);
    });
    const chat = rig.recorder.about('Ignored', 'team').map(({ title }) => title.slice(0, 7));
    expect([...new Set(chat)])
      .to.have.members(chat)
      .and.include.members(['Level 1', 'Level 2']);
  });

  it('does so by its own clock, however many alerts of its kind there are', async () => {
    const now = Date.now();
    await rig.fire([critical('Twice', 'replica-1')], now - LEVELS_MS[1]);
    await rig.recorder.until('on replica-1', 'second');
    await rig.fire([critical('Twice', 'replica-2')], Date.now());
    const first = await rig.recorder.until('Twice on replica-2', 'first');
    expect(first.at - now).to.be.greaterThan(LEVELS_MS[0] - EARLY_MS);
    expect(rig.recorder.about('Twice on replica-2', 'second')).to.deep.equal([]);
  });

  it('is at the level of its age at once when Alertmanager was away, and nobody is told twice', async () => {
    const began = Date.now();
    await rig.fire([critical('Old')], began);
    await rig.recorder.until('Old', 'first');
    await rig.restart();
    await rig.fire([critical('Old')], began);
    await rig.recorder.until('Old', 'manager');
    expect(paged('Old')).to.deep.equal(['on-call', 'first', 'second', 'manager']);
  });

  it('goes no further once somebody has silenced it, or when it is over', async () => {
    await rig.fire([critical('Taken'), critical('Ended'), critical('Open')]);
    await rig.recorder.until('Taken', 'first');
    await rig.recorder.until('Ended', 'first');
    await rig.silence('Taken');
    await rig.resolve([critical('Ended')]);
    await rig.recorder.until('Ended', 'first', 'resolved');
    await rig.recorder.until('Open', 'manager');
    expect(paged('Taken')).to.deep.equal(['on-call', 'first']);
    expect(paged('Ended')).to.have.members(['on-call', 'first', 'over: on-call', 'over: first']);
  });

  it('is over for all levels that were told', async () => {
    await rig.fire([critical('Long')], Date.now() - LEVELS_MS[2]);
    const levels = ['on-call', 'first', 'second', 'manager'];
    for (const level of levels) await rig.recorder.until('Long', level);
    await rig.resolve([critical('Long')]);
    for (const level of levels) {
      const over = await rig.recorder.until('Long', level, 'resolved');
      expect(over.incident).to.equal(rig.recorder.about('Long', level)[0]?.incident);
    }
    expect(new Set(rig.recorder.about('Long').map(({ incident }) => incident ?? 'chat'))).to.have.property('size', 5);
  });

  it('alone escalates: warnings and infos stay where they are', async () => {
    const other = (severity: string): Alert => ({ alertname: `Mere${severity}`, component: severity, severity });
    const long = Date.now() - LEVELS_MS[2];
    await rig.fire([other('warning'), other('info'), critical('Real')], long);
    await rig.recorder.until('Mereinfo', 'team');
    await rig.recorder.until('Real', 'manager');
    expect(rig.recorder.told('Mereinfo')).to.deep.equal(['team']);
    expect(rig.recorder.told('Merewarning')).to.deep.equal([]);
  });
});

describe('levels by mail and by Opsgenie', function () {
  this.timeout(30_000);

  it('are reached like those by PagerDuty', async () => {
    const levels = { ALERT_MAIL_LEVEL_2: 'second@example.com', ALERT_MAIL_LEVEL_3: 'manager@example.com' };
    const rig = await AlertmanagerRig.start({ ...TIMES, ...levels }, { 'opsgenie-key-level-1': 'genie' });
    try {
      await rig.fire([critical('Ignored')], Date.now() - LEVELS_MS[2]);
      const manager = await rig.recorder.until('Ignored', 'manager@example.com');
      expect(manager.title).to.equal('Level 3: CRITICAL: Ignored (Ignored): Ignored was measured.');
      await rig.recorder.until('Ignored', 'second@example.com');
      await rig.recorder.until('Ignored', 'genie');
      expect(rig.recorder.faults).to.deep.equal([]);
    } finally {
      await rig.close();
    }
  });
});
