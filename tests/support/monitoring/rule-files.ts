import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';

export const PROMETHEUS_HOME = join(PACKAGE_ROOT, 'monitoring/prometheus');

/** What tests look at in a rule file. */
export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RecordingRule {
  record: string;
  expr: string;
  labels?: Record<string, string>;
}

interface RuleFile {
  groups: Array<{ name: string; rules: Array<AlertRule | RecordingRule> }>;
}

/** A file for `promtool test rules`. */
export interface RuleTestFile {
  tests: Array<{
    name: string;
    alert_rule_test?: Array<{
      alertname: string;
      /** As Prometheus writes it: `4m45s`. */
      eval_time: string;
      exp_alerts: Array<{ exp_labels: Record<string, string>; exp_annotations: Record<string, string> }>;
    }>;
  }>;
}

/** Absolute paths of the `.yml` files in a folder of monitoring/prometheus. */
export function prometheusFiles(folder: 'rules' | 'tests'): string[] {
  const dir = join(PROMETHEUS_HOME, folder);
  const names = readdirSync(dir).filter((name) => name.endsWith('.yml'));
  return names.sort().map((name) => join(dir, name));
}

export function alertRules(): AlertRule[] {
  return rules().filter((rule) => 'alert' in rule);
}

export function recordingRules(): RecordingRule[] {
  return rules().filter((rule) => 'record' in rule);
}

export function ruleTests(): RuleTestFile['tests'] {
  return prometheusFiles('tests').flatMap((file) => (parse(readFileSync(file, 'utf8')) as RuleTestFile).tests);
}

function rules(): Array<AlertRule | RecordingRule> {
  return prometheusFiles('rules').flatMap((file) =>
    (parse(readFileSync(file, 'utf8')) as RuleFile).groups.flatMap((group) => group.rules),
  );
}
