import { endRun } from './test-run.ts';

/** What a run may take to end by itself when its tests have ended (ms). */
const AFTERMATH_MS = 30_000;

/**
 * Global fixture of mocha (see .mocharc.json). The shared Postgres and Redis start when the first test asks for them
 * (`testDatabase`, `testRedis`), so a run of pure tests costs nothing; here they end.
 */
export async function mochaGlobalTeardown(): Promise<void> {
  await endRun();
  // Fires only if something is left open, which a failed hook may do: the run must end all the same, and say why.
  setTimeout(() => {
    console.error('The tests have ended, but the process does not:', process.getActiveResourcesInfo().join(', '));
    // Last of all: mocha's own listener sets the code to the number of failures.
    process.once('exit', () => {
      process.exitCode = 1;
    });
    process.exit();
  }, AFTERMATH_MS).unref();
}
