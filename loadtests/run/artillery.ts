import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../services/local/usage-error.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import type { ArtilleryScript } from '../profiles/artillery-script.ts';

const FOLDER = join(PACKAGE_ROOT, 'loadtests');
const ENTRY = join(FOLDER, 'node_modules/artillery/bin/run');
/** How long artillery may take to end when told to (ms). */
const STOP_LIMIT_MS = 10_000;

export interface ArtilleryRun {
  script: ArtilleryScript;
  folder: string;
  /** Of what it reads and writes in `folder`: `artillery` makes artillery-script.json, artillery.json (its own figures), artillery.log (what it says). */
  name: string;
  hubUrl: string;
  secret: string;
  /** It is ended then, however far it is. */
  signal: AbortSignal;
}

/** Runs artillery to its end; answers its exit code (null: it was ended). */
export function runArtillery(run: ArtilleryRun): Promise<number | null> {
  if (!existsSync(ENTRY))
    throw new UsageError('artillery is not installed: npm ci --ignore-scripts --prefix loadtests', 1);
  const file = (ending: string) => join(run.folder, run.name + ending);
  const script = file('-script.json');
  writeFileSync(script, `${JSON.stringify(run.script, null, 2)}\n`);
  const child = spawn(process.execPath, [ENTRY, 'run', script, '--output', file('.json')], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ARTILLERY_DISABLE_TELEMETRY: '1',
      WORKERS: '1',
      WEIR_LOAD_HUB: run.hubUrl,
      WEIR_LOAD_SECRET: run.secret,
    },
  });
  const log = createWriteStream(file('.log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  };
  run.signal.addEventListener('abort', stop, { once: true });
  if (run.signal.aborted) stop();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(killTimer);
      run.signal.removeEventListener('abort', stop);
      log.end();
      resolve(code);
    });
  });
}
