import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertmanagerFiles, alertmanagerPart } from '../../../services/local/cluster/monitoring/alertmanager-part.ts';
import { monitoringPlan } from '../../../services/local/cluster/monitoring/plan.ts';
import type { Part } from '../../../services/local/cluster/part.ts';
import { planOf } from '../../../services/local/cluster/plan-of.ts';
import { StateDir } from '../../../services/local/state/state-dir.ts';
import { MetricsPage } from '../cluster/metrics-page.ts';
import { guardProcess, testBinary, testDir } from '../test-run.ts';
import { until } from '../until.ts';
import { NotificationRecorder } from './notification-recorder.ts';

export interface Alert {
  alertname: string;
  severity: string;
  component: string;
  [label: string]: string;
}

/** A real Alertmanager with the project's template, all of whose notifications go to a recorder. */
export class AlertmanagerRig {
  /** What had been told when it was started last: its counters begin anew. */
  private toldBefore = 0;

  private constructor(
    readonly recorder: NotificationRecorder,
    readonly configurationFile: string,
    private readonly part: Part,
    private readonly url: string,
  ) {}

  /** `alerting` are `ALERT_*`, `keys` the files of keys; the addresses of the recorder are filled in. */
  static async start(alerting: Record<string, string>, keys: Record<string, string> = {}): Promise<AlertmanagerRig> {
    const recorder = await NotificationRecorder.open();
    const state = new StateDir(testDir('alertmanager')).create();
    const ALERT_SECRETS = secretsFolder({ ...recorder.keys, ...keys });
    const alertmanager = testBinary('alertmanager');
    const monitoring = monitoringPlan(
      { alertmanager },
      { alerting: { ...recorder.addresses, ALERT_SECRETS, ...alerting } },
    );
    const plan = { ...planOf(state, { httpPort: 0, settings: {} }), monitoring, onSpawn: guardProcess };
    const files = new AlertmanagerFiles(plan, monitoring);
    const part = alertmanagerPart(plan, alertmanager, files);
    await part.ensure();
    const url = `http://127.0.0.1:${plan.ports.known('alertmanager')}`;
    return new AlertmanagerRig(recorder, files.configurationFile, part, url);
  }

  /** Says, as Prometheus does, that these alerts fire; since now, or since a moment of the past (ms since the epoch). */
  fire(alerts: readonly Alert[], since = Date.now()): Promise<void> {
    return this.post(
      'alerts',
      alerts.map((labels) => ({ ...described(labels), startsAt: iso(since) })),
    );
  }

  resolve(alerts: readonly Alert[]): Promise<void> {
    return this.post(
      'alerts',
      alerts.map((labels) => ({ ...described(labels), endsAt: iso(Date.now()) })),
    );
  }

  /** What somebody who takes care of an alert does. */
  silence(alertname: string): Promise<void> {
    return this.post('silences', {
      matchers: [{ name: 'alertname', value: alertname, isRegex: false, isEqual: true }],
      startsAt: iso(Date.now()),
      endsAt: iso(Date.now() + 3_600_000),
      createdBy: 'ada',
      comment: 'I am on it',
    });
  }

  /**
   * Stops and starts it again with its data, as an update does. Not before it has had the answer to all it has told: whom it cannot know
   * to have heard it has to tell again.
   */
  async restart(): Promise<void> {
    await until(async () => (await this.answered()) >= this.recorder.all.length - this.toldBefore, {
      timeoutMs: 20_000,
      what: 'Alertmanager to have the answers',
    });
    await this.part.stop();
    this.toldBefore = this.recorder.all.length;
    await this.part.ensure();
  }

  async close(): Promise<void> {
    await this.part.stop();
    await this.recorder.close();
  }

  /** Notifications that somebody has taken, as it knows. */
  private async answered(): Promise<number> {
    const page = await MetricsPage.of({ internalUrl: this.url });
    return (
      page.sum('alertmanager_notification_requests_total') - page.sum('alertmanager_notification_requests_failed_total')
    );
  }

  private async post(path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${this.url}/api/v2/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}

/** A folder with one file for each key. */
export function secretsFolder(keys: Record<string, string>): string {
  const folder = join(testDir('alert'), "Ada's keys");
  mkdirSync(folder);
  for (const [name, key] of Object.entries(keys)) writeFileSync(join(folder, name), key);
  return folder;
}

function described(labels: Alert) {
  return {
    labels,
    annotations: {
      summary: `${labels.alertname} was measured.`,
      description: `What ${labels.alertname} means.`,
      runbook_url: `https://weir.example.com/docs/operations/runbook.md#${labels.alertname.toLowerCase()}`,
    },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
