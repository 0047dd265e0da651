import { execa } from 'execa';
import type { Progress } from '../progress.ts';
import type { ServerName } from '../servers/binaries.ts';
import { UsageError } from '../usage-error.ts';

const FORMULAS: Record<ServerName, string> = { postgres: 'postgresql@16', redis: 'redis', nginx: 'nginx' };

/** Homebrew installs without root and starts nothing ("brew services" would). */
export async function brewInstall(missing: readonly ServerName[], progress: Progress): Promise<void> {
  const command = `brew install ${missing.map((name) => FORMULAS[name]).join(' ')}`;
  const formulas = missing.map((name) => FORMULAS[name]);
  await progress.step(command, async () => {
    const result = await execa('brew', ['install', ...formulas], {
      stdin: 'ignore',
      stdout: ['pipe', 'inherit'],
      stderr: 'inherit',
      reject: false,
    });
    if (result.code === 'ENOENT')
      throw new UsageError(
        `Homebrew is needed to install the servers: see https://brew.sh, then run "${command}" and "make up" again.`,
        1,
      );
    if (result.failed) throw new UsageError(`"${command}" failed; see its output above, then run "make up" again.`, 1);
  });
}
