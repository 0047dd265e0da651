import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { nearestName } from '../../../../shared/config/nearest-name.ts';
import { PACKAGE_ROOT } from '../../../../shared/config/package.ts';
import type { ServerBinary } from '../../servers/binaries.ts';
import { UsageError } from '../../usage-error.ts';

/** `ALERT_*` by name; see monitoring/alertmanager/alertmanager.yml.template and docs/operations/alerting.md. */
export type AlertSettings = Readonly<Record<string, string>>;

const HOME = join(PACKAGE_ROOT, 'monitoring/alertmanager');
const TEMPLATE = join(HOME, 'alertmanager.yml.template');

/**
 * The configuration of Alertmanager from the template, by the same awk program as in the container. Keys are never in it, only the names of
 * the files that hold them.
 */
export async function alertmanagerConfiguration(settings: AlertSettings): Promise<string> {
  const { stdout } = await execa('awk', ['-f', join(HOME, 'render.awk'), TEMPLATE], {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...settings, ALERT_HOME: HOME, ALERT_SECRETS: secretsFolder(settings) },
    extendEnv: false,
    stripFinalNewline: false,
  });
  return stdout;
}

/** Why a setting cannot be taken, as a sentence; null: it can. */
export function alertSettingFault(name: string): string | null {
  const known = alertSettingNames();
  return known.includes(name) ? null : `${name} is not a setting; did you mean ${nearestName(name, known)}?`;
}

/** Everything the template asks for, except where it lies itself. */
export function alertSettingNames(): string[] {
  const found = readFileSync(TEMPLATE, 'utf8').matchAll(/\bALERT_[A-Z0-9_]+/g);
  return [...new Set([...found].map(([name]) => name))].filter((name) => name !== 'ALERT_HOME').sort();
}

/**
 * Throws a {@link UsageError} when Alertmanager would refuse these settings, or take them and tell nobody. A running one that refuses its new
 * configuration goes on with the old one and says so only in its log.
 */
export async function checkAlerting(settings: AlertSettings, amtool: ServerBinary): Promise<void> {
  const secrets = secretsFolder(settings);
  if (settings.ALERT_MAIL_USER !== undefined && readKey(join(secrets, 'mail-password')) === null)
    throw new UsageError(`ALERT_MAIL_USER needs its password in ${join(secrets, 'mail-password')}.`);
  for (const name of keyFiles(secrets).filter((file) => /^(opsgenie-key|mail-password)/.test(file))) {
    if (readKey(join(secrets, name))?.endsWith('\n'))
      throw new UsageError(
        `${join(secrets, name)} ends with a line break, which Alertmanager before 0.28 takes for a part of it: write it with printf '%s', not with echo.`,
      );
  }
  const configuration = await alertmanagerConfiguration(settings);
  const folder = mkdtempSync(join(tmpdir(), 'weir-alerts-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, configuration);
  const checked = await execa(amtool.path, ['check-config', file], {
    env: { LC_ALL: 'C', ...amtool.environment },
    extendEnv: false,
    reject: false,
  });
  rmSync(folder, { recursive: true });
  if (checked.failed)
    throw new UsageError(`Alertmanager would refuse what ALERT_* say: ${reason(checked.stdout, checked.stderr)}`);
}

function secretsFolder(settings: AlertSettings): string {
  return resolve(PACKAGE_ROOT, settings.ALERT_SECRETS ?? join(HOME, 'secrets'));
}

function keyFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new UsageError(`${folder}, the folder of keys, cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function readKey(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** amtool says `Checking '<file>'  FAILED: <reason>`, and once more that something failed. */
function reason(...output: string[]): string {
  const text = output.join('\n');
  return (/FAILED: (.*(?:\n {2}.*)*)/.exec(text)?.[1] ?? text).replace(/\s+/g, ' ').trim();
}
