import { endRun } from './test-run.ts';

/**
 * Global fixture of mocha (see .mocharc.json). The shared Postgres and Redis start when the first test asks for them
 * (`testDatabase`, `testRedis`), so a run of pure tests costs nothing; here they end.
 */
export async function mochaGlobalTeardown(): Promise<void> {
  await endRun();
}
