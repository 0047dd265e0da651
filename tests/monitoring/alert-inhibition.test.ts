import { expect } from 'chai';
import { type Alert, AlertmanagerRig } from '../support/monitoring/alertmanager-rig.ts';
import { ruleAlerts } from '../support/monitoring/rule-alerts.ts';

const TEAM = 'team@example.com';
const TIMES = {
  ALERT_PAGE_WAIT: '500ms',
  ALERT_GROUP_WAIT: '500ms',
  ALERT_DEDUPLICATION: '1s',
  ALERT_ESCALATION_1: '500ms',
  ALERT_ESCALATION_2: '500ms',
  ALERT_ESCALATION_3: '500ms',
};
const KEYS = { 'pagerduty-key': 'on-call', 'pagerduty-key-level-3': 'manager' };

const RULES = ruleAlerts();

/** An alert of the project's rules, by its name. */
function alert(alertname: string, more: Record<string, string> = {}): Alert {
  const labels = RULES.get(alertname);
  if (labels === undefined) throw new Error(`no rule of that name: ${alertname}`);
  return { alertname, ...labels, ...more };
}

describe('alerts that follow from another one', function () {
  this.timeout(40_000);
  let rig: AlertmanagerRig;

  beforeEach(async () => {
    rig = await AlertmanagerRig.start({ ALERT_MAIL_TO: TEAM, ...TIMES }, KEYS);
  });
  afterEach(() => rig?.close());

  /** Of these alerts, fired together, those that somebody is told about; each of `told` is waited for. */
  const toldOf = async (names: readonly Alert[], told: readonly string[]) => {
    await rig.fire(names);
    const receivers = { critical: 'on-call', warning: TEAM, info: 'team' } as const;
    for (const name of told) {
      const { severity } = names.find(({ alertname }) => alertname === name) ?? alert(name);
      await rig.recorder.until(name, receivers[severity as keyof typeof receivers]);
    }
    // Every other one would have come with the same flush as one of these.
    await rig.fire([
      { alertname: 'MarkerC', severity: 'critical', component: 'c' },
      { alertname: 'MarkerW', severity: 'warning', component: 'w' },
      { alertname: 'MarkerI', severity: 'info', component: 'i' },
    ]);
    await rig.recorder.until('MarkerC', 'on-call');
    await rig.recorder.until('MarkerW', TEAM);
    await rig.recorder.until('MarkerI', 'team');
    return names.map(({ alertname }) => alertname).filter((name) => rig.recorder.about(name).length > 0);
  };

  it('worse hides less bad of the same component and instance, and nothing else', async () => {
    const told = await toldOf(
      [
        alert('ReplicaMemoryCritical', { instance: 'replica-1' }),
        alert('ReplicaMemoryHigh', { instance: 'replica-1' }),
        alert('ReplicaCpuHigh', { instance: 'replica-2' }),
        alert('ErrorRateCritical'),
        alert('ErrorRateHigh'),
        alert('QueueNearLimit'),
        alert('CapacityDegraded'),
        alert('CapacityElevated'),
      ],
      ['ReplicaMemoryCritical', 'ReplicaCpuHigh', 'ErrorRateCritical', 'QueueNearLimit', 'CapacityDegraded'],
    );
    expect(told).to.deep.equal([
      'ReplicaMemoryCritical',
      'ReplicaCpuHigh',
      'ErrorRateCritical',
      'QueueNearLimit',
      'CapacityDegraded',
    ]);
  });

  it('when no replica answers, that is said, and what is wrong besides the replicas, not what follows', async () => {
    const follows = ['replica', 'leader', 'queue', 'capacity', 'runs', 'api', 'slo', 'provider'];
    const names = [...RULES].filter(([, { component }]) => follows.includes(component)).map(([name]) => name);
    expect(names).to.include.members(['LeaderMissing', 'ErrorRateCritical', 'QueueStuck', 'ReplicaDown']);
    const besides = ['PostgresDown', 'NginxDown', 'DiskAlmostFull', 'TargetDown'];
    const told = await toldOf(
      [...names, ...besides].map((name) => alert(name)),
      ['NoReplicaAnswers', ...besides],
    );
    expect(told).to.have.members(['NoReplicaAnswers', ...besides]);
  });

  for (const [cause, effects] of [
    ['RedundancyLost', ['ReplicaDown', 'ReplicaMissing']],
    ['PostgresDown', ['PostgresPoolUsedUp', 'RunsNotTaken', 'ErrorRateCritical', 'ErrorBudgetBurnsFast']],
    ['RedisDown', ['RedisUnreachable', 'LeaderMissing', 'QueueStuck', 'ErrorRateCritical']],
    ['LeaderMissing', ['QueueStuck', 'QueueWaitNearLimit']],
    ['NoProviderAnswers', ['ProviderSwitched', 'ProviderBreakerOpen', 'RunsFailing']],
  ] as const) {
    it(`${cause} hides ${effects.join(', ')} and nothing else`, async () => {
      const seen = effects.map((name) => alert(name, { instance: 'replica-1' }));
      const told = await toldOf([alert(cause), ...seen, alert('NginxDown')], [cause, 'NginxDown']);
      expect(told).to.deep.equal([cause, 'NginxDown']);
    });
  }

  it('are not escalated while their cause is there; it is', async () => {
    const long = Date.now() - 60_000;
    await rig.fire([alert('LeaderMissing')], long);
    await rig.recorder.until('LeaderMissing', 'manager');
    await rig.fire([alert('QueueStuck'), alert('NginxDown')], long);
    await rig.recorder.until('NginxDown', 'manager');
    expect(rig.recorder.about('QueueStuck')).to.deep.equal([]);
  });

  it('are told when the cause is over and they are still there', async () => {
    const down = alert('PostgresDown');
    await rig.fire([down, alert('ErrorRateCritical')]);
    const first = await rig.recorder.until('PostgresDown', 'on-call');
    await rig.resolve([down]);
    const second = await rig.recorder.until('ErrorRateCritical', 'on-call');
    expect(second.at).to.be.greaterThan(first.at);
  });
});
