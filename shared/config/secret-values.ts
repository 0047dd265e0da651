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

/** As it is written and as it is meant; a URL may name several servers, which `URL` does not know. */
function passwordOf(text: string): string[] {
  const password = /^[a-z]+:\/\/[^/@]*?:([^/@]+)@/.exec(text)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return [password];
  }
}
