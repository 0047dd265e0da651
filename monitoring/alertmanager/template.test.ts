import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import {
  alertmanagerConfiguration,
  alertSettingNames,
  checkAlerting,
} from '../../services/local/cluster/monitoring/alert-settings.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { secretsFolder } from '../../tests/support/monitoring/alertmanager-rig.ts';
import { ruleAlerts } from '../../tests/support/monitoring/rule-alerts.ts';
import { testBinary, testDir } from '../../tests/support/test-run.ts';

interface Route {
  receiver: string;
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

interface InhibitRule {
  source_matchers: string[];
  target_matchers: string[];
}

interface Configuration {
  global?: Record<string, unknown>;
  route: Route;
  inhibit_rules: InhibitRule[];
  receivers: Array<Record<string, unknown> & { name: string }>;
}

const KEYS = ['pagerduty-key', 'opsgenie-key', 'slack-url', 'mail-password'];
const LEVEL_KEYS = [1, 2, 3].flatMap((level) => [`pagerduty-key-level-${level}`, `opsgenie-key-level-${level}`]);
const SECRET = 'https://hooks.example.com/secret';
const MAIL = { ALERT_MAIL_SMARTHOST: 'mail.example.com:587', ALERT_MAIL_TO: 'sre@example.com' };

describe('the template of Alertmanager', function () {
  this.timeout(30_000);

  const folderOf = (names: readonly string[]) => secretsFolder(Object.fromEntries(names.map((name) => [name, SECRET])));
  const render = async (settings: Record<string, string> = {}, names: readonly string[] = []) => {
    const text = await alertmanagerConfiguration({ ALERT_SECRETS: folderOf(names), ...settings });
    return { text, configuration: parse(text) as Configuration };
  };

  it('escalates after 5, 15 and 30 minutes and repeats nothing within 5 minutes, unless told otherwise', async () => {
    const { route } = (await render()).configuration;
    const waits = Object.fromEntries((route.routes ?? []).map((each) => [each.receiver, each.group_wait]));
    expect(waits).to.deep.include({ page: '10s', 'level-1': '5m', 'level-2': '15m', 'level-3': '30m' });
    expect(route).to.include({ receiver: 'mail', group_interval: '5m', group_wait: '30s', repeat_interval: '12h' });
    // Nothing below sets another interval.
    expect(route.routes?.flatMap((each) => each.group_interval ?? [])).to.deep.equal([]);
    const other = await render({ ALERT_ESCALATION_2: '20m', ALERT_DEDUPLICATION: '10m' });
    expect(other.configuration.route.group_interval).to.equal('10m');
    expect(other.text).to.include('group_wait: 20m');
  });

  it('is valid with every choice of means, and with none', async () => {
    const choices = [
      [],
      ...KEYS.map((key) => [key]),
      ...LEVEL_KEYS.map((key) => [key]),
      KEYS,
      [...KEYS, ...LEVEL_KEYS],
    ];
    const levels = {
      ALERT_MAIL_LEVEL_1: 'a@example.com',
      ALERT_MAIL_LEVEL_2: 'b@x.example',
      ALERT_MAIL_LEVEL_3: 'c@d.e',
    };
    for (const keys of choices)
      for (const mail of [{}, MAIL, { ...MAIL, ...levels }])
        await checkAlerting({ ALERT_SECRETS: folderOf(keys), ...mail }, testBinary('amtool'));
    const login = { ...MAIL, ALERT_MAIL_USER: 'weir', ALERT_SECRETS: folderOf(KEYS) };
    await checkAlerting(login, testBinary('amtool'));
  });

  it('sends every alert of the rules to the receiver of its severity', async () => {
    const file = join(testDir('routes'), 'alertmanager.yml');
    writeFileSync(file, (await render(MAIL, KEYS)).text);
    const receiversOf = async (...labels: string[]) => {
      const args = ['config', 'routes', 'test', `--config.file=${file}`, ...labels];
      return (await execa(testBinary('amtool').path, args)).stdout.trim();
    };
    const receivers: Record<string, string> = {
      critical: 'page,level-1,level-2,level-3',
      warning: 'mail',
      info: 'chat',
    };
    const kinds = new Set([...ruleAlerts().values()].map(({ severity, component }) => `${severity} ${component}`));
    expect(kinds.size).to.be.greaterThan(10);
    for (const kind of kinds) {
      const [severity = '', component] = kind.split(' ');
      expect(await receiversOf(`severity=${severity}`, `component=${component}`), kind).to.equal(receivers[severity]);
    }
    expect(await receiversOf('alertname=Unlabelled')).to.equal('mail');
  });

  it('knows whom it inhibits: each name and component is in the rules', async () => {
    const alerts = ruleAlerts();
    const components = new Set([...alerts.values()].map(({ component }) => component));
    const { inhibit_rules } = (await render()).configuration;
    for (const matcher of inhibit_rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers])) {
      const [, label, values = ''] = /^(\w+)(?:=|!=|=~)"(.+)"$/.exec(matcher) ?? [];
      for (const value of values.split('|')) {
        if (label === 'alertname') expect(alerts.has(value), matcher).to.equal(true);
        else if (label === 'component') expect(components.has(value), matcher).to.equal(true);
        else expect(label, matcher).to.equal('severity');
      }
    }
  });

  it('never contains a key, only where it lies', async () => {
    const { text } = await render({ ...MAIL, ALERT_MAIL_USER: 'weir' }, [...KEYS, ...LEVEL_KEYS]);
    expect(text).to.not.include(SECRET);
    for (const name of [...KEYS, ...LEVEL_KEYS]) expect(text).to.include(`/${name}'`);
  });

  it('takes an empty key for none, and values as they are, with quotes and blanks', async () => {
    const folder = secretsFolder({ 'slack-url': '' });
    const { text, configuration } = await render({
      ...MAIL,
      ALERT_MAIL_FROM: "Ada's alerts & <a@b.c>",
      ALERT_SECRETS: folder,
    });
    expect(configuration.global).to.include({ smtp_from: "Ada's alerts & <a@b.c>", smtp_require_tls: true });
    expect(text).to.not.include('slack');
  });

  it('gets from docker compose every setting that it knows', () => {
    const compose = readFileSync(join(PACKAGE_ROOT, 'compose/monitoring.yml'), 'utf8');
    for (const name of alertSettingNames()) expect(compose).to.include(` ${name}:`);
  });

  it('is explained in docs/operations/alerting.md, every setting and every key', () => {
    const page = readFileSync(join(PACKAGE_ROOT, 'docs/operations/alerting.md'), 'utf8');
    for (const name of [...alertSettingNames(), ...KEYS]) expect(page).to.include(`\`${name}\``);
  });
});
