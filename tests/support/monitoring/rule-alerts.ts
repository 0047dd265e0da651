import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';

const RULES = join(PACKAGE_ROOT, 'monitoring/prometheus/rules');

export interface AlertLabels {
  severity: string;
  component: string;
}

interface RuleFile {
  groups: Array<{ rules: Array<{ alert?: string; labels?: AlertLabels }> }>;
}

/** Every alert of the project's rules by its name, with the labels that decide who is told. */
export function ruleAlerts(): Map<string, AlertLabels> {
  const files = readdirSync(RULES).filter((name) => name.endsWith('.yml'));
  const rules = files.flatMap((name) => {
    const { groups } = parse(readFileSync(join(RULES, name), 'utf8')) as RuleFile;
    return groups.flatMap((group) => group.rules);
  });
  return new Map(
    rules.flatMap(({ alert, labels }) =>
      alert === undefined || labels === undefined ? [] : [[alert, labels] as const],
    ),
  );
}
