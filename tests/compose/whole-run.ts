/**
 * Fixtures of mocha for `make compose-test`: the whole product is brought up once, as from a clean clone, and taken down at the end with
 * everything it made. A guardian does the same if the run is killed.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ROOT, Stack, setStack } from './stack.ts';

/** The whole run gives up after this (ms): about three times what it takes on two busy cores. */
const RUN_LIMIT_MS = 25 * 60_000;

// Test files are loaded before the fixture below runs, and want to know the name of the project.
const stack = await Stack.create();
setStack(stack);

export async function mochaGlobalSetup(): Promise<void> {
  await refuseWithoutDocker();
  guard();
  setTimeout(() => giveUp(`These tests took longer than ${RUN_LIMIT_MS / 60_000} minutes.`), RUN_LIMIT_MS).unref();
  console.log(`  ${stack.project}: building, and docker compose up -d --wait ...`);
  // Built beforehand only because --build hides what --wait says.
  await stack.compose(['build', '--quiet', 'api']).catch(giveUp);
  const started = performance.now();
  await stack.compose(['up', '-d', '--wait']).catch(async (error) => {
    console.error((await stack.tryCompose(['logs', '--no-color', '--tail', '10'])).out);
    giveUp(error);
  });
  console.log(`  up on ${stack.url} after ${((performance.now() - started) / 1_000).toFixed(0)} s`);
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stack.compose(['--profile', 'monitoring', 'down', '--volumes']);
  rmSync(stack.dir, { recursive: true, force: true });
  const left: string[] = [];
  for (const kind of ['container', 'network', 'volume']) {
    const filter = ['--filter', `label=com.docker.compose.project=${stack.project}`, '--quiet'];
    const { stdout } = await execa('docker', [kind, 'ls', ...(kind === 'container' ? ['--all'] : []), ...filter]);
    left.push(...stdout.split('\n').filter(Boolean));
  }
  if (left.length > 0) throw new Error(`docker compose down --volumes left behind: ${left.join(', ')}`);
  console.log('  taken down; nothing is left');
}

async function refuseWithoutDocker(): Promise<void> {
  const { exitCode } = await execa('docker', ['version'], { reject: false });
  if (exitCode !== 0) giveUp('These tests need a running Docker engine ("docker version" must answer).');
  const compose = await execa('docker', ['compose', 'version', '--short'], { reject: false });
  const [major = 0, minor = 0] = compose.exitCode === 0 ? compose.stdout.replace(/^v/, '').split('.').map(Number) : [];
  if (major < 2 || (major === 2 && minor < 24))
    giveUp(`These tests need Docker Compose 2.24 or newer (here: ${compose.stdout || 'none'}).`);
}

function giveUp(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(1);
}

/** Ends when this process does, since its standard input ends then. */
function guard(): void {
  const file = fileURLToPath(new URL('./guardian.sh', import.meta.url));
  const guardian = spawn('sh', [file, stack.project, stack.dir], {
    cwd: ROOT,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guardian.unref();
  (guardian.stdin as unknown as { unref?: () => void }).unref?.();
}
