import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGE_ROOT } from '../shared/config/package.ts';

/** A Lua script as its file gives it: `scripts/queue/admitRuns-13.lua` is the script `admitRuns` of subject `queue` with 13 keys. */
export interface Script {
  name: string;
  subject: string;
  numberOfKeys: number;
  /** With includes put in, each once, where it is first named. */
  lua: string;
  /** The file as it is. */
  source: string;
}

export interface LoadOptions {
  /** Text by include name to take instead of the file's; tests move the clock with `serverTime`. */
  replace?: Readonly<Record<string, string>>;
}

/** The sources, also for a compiled program: Lua is not compiled. */
const ROOT = join(PACKAGE_ROOT, 'redis');
const INCLUDE = /^--- @include "(\w+)"$/gm;

/** Reads every script and include from disk; throws when a file name or an include is not what it should be. */
export function loadScripts(options: LoadOptions = {}): Script[] {
  const includes = new Map(
    luaFiles(join(ROOT, 'includes')).map((file) => [basename(file, '.lua'), readFileSync(file, 'utf8')]),
  );
  for (const [name, text] of Object.entries(options.replace ?? {})) {
    if (!includes.has(name)) throw new Error(`There is no include "${name}" to replace.`);
    includes.set(name, text);
  }
  return luaFiles(join(ROOT, 'scripts')).map((file) => {
    const [, subject, name, keys] = /([a-z]+)[/\\]([A-Za-z]+)-(\d+)\.lua$/.exec(file) ?? [];
    if (!subject || !name) throw new Error(`${file} is not named <subject>/<verbNoun>-<number of keys>.lua.`);
    const source = readFileSync(file, 'utf8');
    return { name, subject, numberOfKeys: Number(keys), source, lua: expand(source, includes, new Set()) };
  });
}

function luaFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.lua'))
    .sort()
    .map((path) => join(folder, path));
}

function expand(text: string, includes: ReadonlyMap<string, string>, done: Set<string>): string {
  return text.replace(INCLUDE, (_line, name: string) => {
    if (done.has(name)) return '';
    done.add(name);
    const include = includes.get(name);
    if (include === undefined) throw new Error(`There is no include "${name}".`);
    return expand(include, includes, done);
  });
}
