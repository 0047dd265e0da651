/** Entry of the local launcher: `node --import tsx services/local/main.ts up|restart|down|status|logs|token|install`. The Makefile calls it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { chaosProvider } from './commands/chaos-provider.ts';
import { down } from './commands/down.ts';
import { logs } from './commands/logs.ts';
import { restart } from './commands/restart.ts';
import { status } from './commands/status.ts';
import { token } from './commands/token.ts';
import { up } from './commands/up.ts';
import { ensureMonitoring, ensurePrograms, ensureServers } from './install/ensure-programs.ts';
import { consoleProgress } from './progress.ts';
import { withLock } from './state/launch-lock.ts';
import { StateDir } from './state/state-dir.ts';
import { UsageError } from './usage-error.ts';

/** See "engines" in package.json. */
const OLDEST_NODE = [20, 19] as const;

async function main(command: string | undefined): Promise<number> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new UsageError(`Weir needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`, 1);
  }
  const dotEnv = join(PACKAGE_ROOT, '.env');
  // What is set in the shell wins over the file.
  if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
  const environment = process.env;
  const state = StateDir.of(environment);
  switch (command) {
    case 'up':
      await alone(state, () => up(state, environment));
      return 0;
    case 'restart':
      await alone(state, () => restart(state));
      return 0;
    case 'down':
      await alone(state, () => down(state));
      return 0;
    case 'install':
      await ensureServers(state.create(), consoleProgress());
      await ensureMonitoring(state, consoleProgress());
      await ensurePrograms(['chromium', 'faketime'], state, consoleProgress());
      return 0;
    case 'status':
      return status(state);
    case 'logs':
      await logs(state, environment);
      return 0;
    case 'token':
      await token(state, environment);
      return 0;
    case 'chaos-provider':
      await chaosProvider(state, environment);
      return 0;
    default:
      throw new UsageError('Say what to do: up, restart, down, status, logs, token, chaos-provider or install.');
  }
}

/** Two launchers at once would start everything twice. */
async function alone(state: StateDir, work: () => Promise<void>): Promise<void> {
  const outcome = await withLock(state.create().file('launcher.lock'), work);
  if ('heldBy' in outcome) {
    throw new UsageError(
      `Another "make up", "make restart" or "make down" is at work here (process ${outcome.heldBy.pid}); wait for it to end.`,
      1,
    );
  }
}

// `make up | head` closes our output early: what was begun is finished all the same.
process.stdout.on('error', () => {});

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? error.exitCode : 1;
  },
);
