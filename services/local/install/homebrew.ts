import { execa } from 'execa';
import type { Progress } from '../progress.ts';
import type { ProgramName } from '../servers/program-names.ts';
import { UsageError } from '../usage-error.ts';
import { FORMULAS, packagesOf } from './packages.ts';

/** Homebrew installs without root and starts nothing ("brew services" would). What it has no formula for stays missing. */
export async function brewInstall(missing: readonly ProgramName[], progress: Progress): Promise<void> {
  const formulas = packagesOf(missing, FORMULAS);
  if (formulas.length === 0) return;
  const command = `brew install ${formulas.join(' ')}`;
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
