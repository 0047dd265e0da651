import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS, type ProgramName } from './program-names.ts';

/** A server program and what it needs in its environment (the library path of packages that were unpacked, not installed). */
export interface ServerBinary {
  path: string;
  environment: Readonly<Record<string, string>>;
}

export interface SearchPlaces {
  /** Folders as in `PATH`, looked at first. */
  path: readonly string[];
  /** File system roots; the usual folders of Debian, Red Hat and Homebrew are looked at below each. */
  roots: readonly string[];
}

/** Those of `names` that were found, and the names of what is missing. `roots` other than `/` get a library path. */
export function findBinaries<N extends ProgramName>(
  names: readonly N[],
  places: SearchPlaces,
): { found: Partial<Record<N, ServerBinary>>; missing: N[] } {
  const found: Partial<Record<N, ServerBinary>> = {};
  for (const name of names) {
    const binary = findBinary(name, places);
    if (binary !== null) found[name] = binary;
  }
  return { found, missing: names.filter((name) => found[name] === undefined) };
}

/** The places of this machine, then the packages unpacked under `unpackedRoot`. */
export function placesOfThisMachine(unpackedRoot: string): SearchPlaces {
  return { path: (process.env.PATH ?? '').split(':').filter((folder) => folder !== ''), roots: ['/', unpackedRoot] };
}

function findBinary(name: ProgramName, places: SearchPlaces): ServerBinary | null {
  const inPath = places.path.map((folder) => ({ folder, root: '/' }));
  const inRoots = places.roots.flatMap((root) => usualFolders(name, root).map((folder) => ({ folder, root })));
  for (const { folder, root } of [...inPath, ...inRoots]) {
    for (const program of PROGRAMS[name].files) {
      const path = executable(name, join(folder, program));
      if (path !== null) return { path, environment: root === '/' ? {} : environmentIn(root, name) };
    }
  }
  return null;
}

/**
 * Debian keeps Postgres outside PATH, one folder per major version; Homebrew's versioned formulas are not linked. Newest first. Debian's
 * `chromium` in PATH is a script with fixed paths, which an unpacked one has not.
 */
function usualFolders(name: ProgramName, root: string): string[] {
  const plain = ['usr/sbin', 'usr/bin', 'usr/local/sbin', 'usr/local/bin', 'opt/homebrew/bin'].map((folder) =>
    join(root, folder),
  );
  if (name === 'chromium') {
    const apps = ['Chromium', 'Google Chrome'].map((app) => join(root, `Applications/${app}.app/Contents/MacOS`));
    return [join(root, 'usr/lib/chromium'), ...plain, ...apps];
  }
  if (name !== 'postgres') return plain;
  const versioned = [
    ...children(join(root, 'usr/lib/postgresql'), /^\d+$/),
    ...children(join(root, 'usr'), /^pgsql-\d+$/),
    ...children(join(root, 'opt/homebrew/opt'), /^postgresql@\d+$/),
    ...children(join(root, 'usr/local/opt'), /^postgresql@\d+$/),
  ];
  return [...versioned.map((folder) => join(folder, 'bin')), ...plain];
}

function children(folder: string, pattern: RegExp): string[] {
  try {
    const number = (entry: string) => Number(/\d+$/.exec(entry)?.[0] ?? 0);
    const matching = readdirSync(folder).filter((entry) => pattern.test(entry));
    return matching.sort((a, b) => number(b) - number(a)).map((entry) => join(folder, entry));
  } catch {
    return [];
  }
}

/**
 * The file to run. Postgres is resolved to its real place because it finds `initdb` and its data files beside itself (a link in
 * PATH has neither); Redis is not: Debian's `redis-server` is a link to a program that looks at the name it is called by.
 */
function executable(name: ProgramName, file: string): string | null {
  try {
    accessSync(file, constants.X_OK);
    if (name !== 'postgres') return file;
    const real = realpathSync(file);
    accessSync(join(real, '../initdb'), constants.X_OK);
    return real;
  } catch {
    return null;
  }
}

function environmentIn(root: string, name: ProgramName): Record<string, string> {
  if (name !== 'chromium') return { LD_LIBRARY_PATH: libraryFolders(root).join(':') };
  // The configuration of its fonts, and the folder in which that looks for them.
  const fonts = { FONTCONFIG_FILE: join(root, 'etc/fonts/fonts.conf'), XDG_DATA_HOME: join(root, 'usr/share') };
  // The sound library keeps a part of itself apart and finds it by a fixed path.
  const libraries = libraryFolders(root).flatMap((folder) => [folder, join(folder, 'pulseaudio')]);
  return { LD_LIBRARY_PATH: libraries.join(':'), ...fonts };
}

function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((folder) => [...children(join(root, folder), /-linux-gnu/), join(root, folder)]);
}
