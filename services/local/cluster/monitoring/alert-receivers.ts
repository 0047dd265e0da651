import { join } from 'node:path';
import { lastLines } from '../../processes/spawn-detached.ts';
import type { StateDir } from '../../state/state-dir.ts';

/** Kinds of receivers as Alertmanager's configuration calls them, and as people do. */
const KINDS: Readonly<Record<string, string>> = {
  pagerduty_configs: 'PagerDuty',
  opsgenie_configs: 'Opsgenie',
  email_configs: 'mail',
  slack_configs: 'Slack',
};

/** Whom the alerts of this cluster reach, in words. */
export function alertReceivers(state: StateDir): string {
  const configuration = lastLines(join(state.part('alertmanager'), 'alertmanager.yml'), Number.POSITIVE_INFINITY);
  const kinds = Object.keys(KINDS).filter((kind) => new RegExp(`^ *${kind}:`, 'm').test(configuration));
  if (kinds.length === 0) return 'nobody yet: see docs/operations/alerting.md';
  return new Intl.ListFormat('en').format(kinds.map((kind) => KINDS[kind] ?? kind));
}
