import type { Settings } from './load.ts';
import { SETTINGS, type SettingName } from './schema.ts';

/** Shorter ones would hide ordinary words, as the key `simulator` of a local cluster. */
const SHORTEST = 12;

/** Every secret of the configuration as a text that must not be shown: whole settings, passwords of addresses, values of headers. */
export function secretValues(settings: Settings): string[] {
  const texts = (Object.keys(SETTINGS) as SettingName[])
    .filter((name) => 'secret' in SETTINGS[name])
    .flatMap((name) => settings[name])
    .filter((value) => typeof value === 'string')
    .flatMap((text) => [
      text,
      ...passwordOf(text),
      ...text.split(',').map((pair) => pair.slice(pair.indexOf('=') + 1)),
    ]);
  return [...new Set(texts)].filter((text) => text.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

function passwordOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  return [password, decodeURIComponent(password)];
}
