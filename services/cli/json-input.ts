import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** The JSON in a file. Throws {@link UsageError} that says what is wrong with the file, and where. */
export async function readJsonFile(path: string, cwd: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new UsageError(`${path} ${reasonOf(error)}.`);
  }
  return parseJson(text, path);
}

/** JSON text from the command line or a file named `source`. */
export function parseJson(text: string, source: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${source} is not valid JSON${placeOf(error, json)}.`);
  }
}

/** Where and what, as far as the engine tells. People count lines; the engine counts characters, or shows the surroundings. */
function placeOf(error: unknown, text: string): string {
  const message = (error as Error).message;
  const what = message.replace(/ in JSON at position.*$/, '').replace(/, ("|\.\.\.)[\s\S]*$/, '');
  const position =
    /at position (\d+)/.exec(message)?.[1] ?? (/^Unexpected token/.test(message) ? badCharacter(text) : null);
  if (position === null) return `: ${what}`;
  const before = text.slice(0, Number(position)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`;
}

/** Index of the character the engine stumbles over: everything before it is the beginning of valid JSON, so it can be halved towards. */
function badCharacter(text: string): number {
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (stumbles(text.slice(0, middle))) bad = middle;
    else good = middle;
  }
  return good;
}

function stumbles(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return (error as Error).message.startsWith('Unexpected token');
  }
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EISDIR':
      return 'is a folder, not a file';
    case 'EACCES':
      return 'may not be read';
    default:
      return 'cannot be read';
  }
}
