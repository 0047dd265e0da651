import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's Alertmanager looks for the texts of its notifications, without which it does not start; no option changes it. */
const ASSETS = '/usr/share/prometheus/alertmanager';

/** Name of the link to that folder in the folder Alertmanager works in. */
export const ASSETS_LINK = 'assets';

/**
 * Makes an unpacked Alertmanager look for its texts in the folder it is started in instead of `/usr/share`, where nothing is installed: the path in
 * the program is replaced by a relative one of the same length (as conda does with prefixes). Does nothing where it is not or already done.
 */
export function relocateAlertmanager(system: string): void {
  const file = join(system, 'usr/bin/prometheus-alertmanager');
  if (!existsSync(file)) return;
  const program = readFileSync(file);
  const replaced = replaceAll(program, ASSETS, sameLength(`./${ASSETS_LINK}`, ASSETS.length));
  if (replaced) writeFileSync(file, program);
}

/** `path` made longer by steps that go nowhere. */
function sameLength(path: string, length: number): string {
  const padding = length - path.length;
  return `${path}${'/'.repeat(padding % 2)}${'/.'.repeat(Math.floor(padding / 2))}`;
}

function replaceAll(bytes: Buffer, from: string, to: string): boolean {
  let replaced = false;
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + to.length)) {
    bytes.write(to, at);
    replaced = true;
  }
  return replaced;
}
