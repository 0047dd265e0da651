import { existsSync } from 'node:fs';
import { PROGRAMS, type ProgramName } from '../servers/program-names.ts';
import { MANAGERS, packagesOf } from './packages.ts';

/** A sentence with the exact command for this machine, as far as its package manager has the programs. */
export function packageHint(missing: readonly ProgramName[], exists: (file: string) => boolean = existsSync): string {
  const manager = MANAGERS.find((candidate) => exists(candidate.program));
  if (manager === undefined || missing.some((name) => manager.packages[name] === undefined)) {
    const files = new Intl.ListFormat('en').format(missing.map((name) => PROGRAMS[name].files[0]));
    return `Install what is missing so that ${files} ${missing.length === 1 ? 'is' : 'are'} in PATH, then run "make up" again.`;
  }
  return `Run "${manager.command} ${packagesOf(missing, manager.packages).join(' ')}", then "make up" again.`;
}
