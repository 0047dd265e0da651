import { join } from 'node:path';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { localAccess } from './local-access.ts';
import type { Progress } from './progress.ts';
import type { StateDir } from './state/state-dir.ts';
import { UsageError } from './usage-error.ts';

const SAMPLE = 'examples/hello.json';
/** The sample takes seconds; this long means that something hangs. */
const TIMEOUT_MS = 60_000;

/** Runs the sample workflow through Nginx as a user would, with its live output on the terminal. Throws when it does not succeed. */
export async function proofRun(state: StateDir, progress: Progress): Promise<void> {
  const access = localAccess(state);
  if (access?.token == null) {
    progress.say('No sample run: tokens of this cluster come from your identity provider (WEIR_JWKS_URL).');
    return;
  }
  progress.say(`\nA first run, to see that it works: npx weir run ${SAMPLE} --watch`);
  const result = await execa(
    process.execPath,
    [join(PACKAGE_ROOT, 'services/cli/weir.mjs'), 'run', join(PACKAGE_ROOT, SAMPLE), '--watch'],
    {
      env: { WEIR_URL: access.url, WEIR_TOKEN: await access.token('demo', 'user') },
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
      timeout: TIMEOUT_MS,
    },
  );
  if (result.failed) {
    throw new UsageError(
      `The cluster is up, but the sample run did not succeed (exit code ${result.exitCode ?? 'none'}); "make logs" shows why.`,
      1,
    );
  }
}
