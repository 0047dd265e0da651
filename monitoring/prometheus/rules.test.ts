import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { alertRules, prometheusFiles, recordingRules, ruleTests } from '../../tests/support/monitoring/rule-files.ts';
import { testBinary } from '../../tests/support/test-run.ts';

/** Whom it reaches depends on the first, what it is hidden by on the second: monitoring/alertmanager/alertmanager.yml.template. */
const SEVERITIES = ['critical', 'warning', 'info'];
const COMPONENTS = 'api capacity leader machine monitoring nginx postgres provider queue redis replica runs slo'.split(
  ' ',
);

/** Alerts that say all there is to say without a number or a name. */
const WITHOUT_FIGURE = ['NoReplicaAnswers', 'LeaderMissing', 'NoProviderAnswers', 'AlertmanagerUnreachable'];

const seconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * (unit === 'h' ? 3_600 : unit === 'm' ? 60 : 1),
    0,
  );

describe('rules of Prometheus', () => {
  const alerts = alertRules();
  const { path, environment } = testBinary('promtool');
  const promtool = (...args: string[]) => execa(path, args, { env: environment, all: true });

  it('are valid', async () => {
    await promtool('check', 'rules', ...prometheusFiles('rules'));
  });

  for (const file of prometheusFiles('tests')) {
    it(`do what ${basename(file)} says`, async function () {
      // A simulated day of a cluster, on a machine that has other things to do.
      this.timeout(180_000);
      await promtool('test', 'rules', file);
    });
  }

  it('have one name each', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).to.equal(alerts.length);
    const recorded = recordingRules().map(({ record, labels = {} }) => JSON.stringify([record, labels]));
    expect(new Set(recorded).size).to.equal(recorded.length);
  });

  for (const { alert, labels, annotations } of alerts) {
    describe(alert, () => {
      it('is shown to be quiet, to fire, and to clear', () => {
        const shown = ruleTests().some(({ alert_rule_test = [] }) => {
          const looks = alert_rule_test.filter(({ alertname }) => alertname === alert);
          const fires = looks.find(({ exp_alerts }) => exp_alerts.length > 0);
          if (fires === undefined) return false;
          const quiet = looks.filter(({ exp_alerts }) => exp_alerts.length === 0);
          const at = seconds(fires.eval_time);
          return (
            quiet.some(({ eval_time }) => seconds(eval_time) < at) &&
            quiet.some(({ eval_time }) => seconds(eval_time) > at)
          );
        });
        expect(shown).to.equal(true);
      });

      it('says how bad it is, of what, in a sentence with its figure, and where to read on', () => {
        expect(labels).to.have.all.keys('severity', 'component');
        expect(SEVERITIES).to.include(labels.severity);
        expect(COMPONENTS).to.include(labels.component);
        expect(annotations).to.have.all.keys('summary', 'description', 'runbook_url');
        expect(annotations.summary).to.match(/^.+\.$/);
        expect(annotations.description).to.match(/^.+\.$/);
        if (!WITHOUT_FIGURE.includes(alert)) expect(annotations.summary).to.include('{{ ');
        expect(annotations.runbook_url).to.match(
          new RegExp(`^https://[^ ]+/docs/operations/runbook\\.md#${alert.toLowerCase()}$`),
        );
      });
    });
  }

  it('are the ones Alertmanager speaks of', () => {
    const template = readFileSync(join(PACKAGE_ROOT, 'monitoring/alertmanager/alertmanager.yml.template'), 'utf8');
    const named = (label: string) =>
      [...template.matchAll(new RegExp(`${label}!?=~?"([^"]+)"`, 'g'))].flatMap(([, values = '']) => values.split('|'));
    expect(alerts.map(({ alert }) => alert)).to.include.members(named('alertname'));
    expect(alerts.map(({ labels }) => labels.component)).to.include.members(named('component'));
  });
});
