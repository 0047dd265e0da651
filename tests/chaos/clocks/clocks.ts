import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensurePrograms } from '../../../services/local/install/ensure-programs.ts';
import { silentProgress } from '../../../services/local/progress.ts';
import { StateDir } from '../../../services/local/state/state-dir.ts';

const LIBRARY = 'libfaketime.so.1';

/**
 * Wall clocks that can be put forward and back while a process runs. libfaketime stands between the process and the C library, so whatever
 * it reads the time with is wrong alike; what counts durations (timers, `performance.now()`) stays right, as after a wrong step of NTP.
 */
export class Clocks {
  private constructor(
    private readonly library: string,
    private readonly dir: string,
  ) {}

  /** `dir`: folder of its own. Gets libfaketime where it is missing. */
  static async open(dir: string): Promise<Clocks> {
    const { faketime } = await ensurePrograms(['faketime'], StateDir.of(process.env), silentProgress);
    mkdirSync(dir, { recursive: true });
    return new Clocks(libraryBeside(faketime.path), dir);
  }

  /** For the environment of a process whose clock is called `name`. */
  environmentOf(name: string): Record<string, string> {
    this.set(name, 0);
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file(name),
      // Looks at the file once a second.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** From within a second on its clock is so far off (s). */
  set(name: string, offsetSeconds: number): void {
    const file = this.file(name);
    // Renamed, so that nobody reads half of it.
    writeFileSync(`${file}.new`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    renameSync(`${file}.new`, file);
  }

  private file(name: string): string {
    return join(this.dir, name);
  }
}

/** Debian: `usr/lib/x86_64-linux-gnu/faketime/`, Fedora: `usr/lib64/faketime/`, Arch: `usr/lib/faketime/`. */
function libraryBeside(program: string): string {
  const usr = join(dirname(program), '..');
  for (const lib of readdirSync(usr).filter((name) => /^lib(64)?$/.test(name))) {
    const found = readdirSync(join(usr, lib), { withFileTypes: true })
      .filter((entry) => entry.name === 'faketime' || /-linux-(gnu|musl)/.test(entry.name))
      .map(({ name }) => (name === 'faketime' ? join(usr, lib, name) : join(usr, lib, name, 'faketime')))
      .flatMap((folder) => filesIn(folder).map((file) => join(folder, file)))
      .find((file) => file.endsWith(LIBRARY));
    if (found !== undefined) return found;
  }
  throw new Error(`${LIBRARY} is not where ${program} has it.`);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
