import type { Console } from './console.ts';
import type { CliServer } from './server/cli-server.ts';

/** What a command works with. */
export interface Session {
  console: Console;
  /** Throws {@link UsageError} or `ApiUnreachable` when no cluster is known. */
  server(): Promise<CliServer>;
  /** How people call this program, for hints that can be pasted. */
  program: string;
  cwd: string;
  /** Unix ms. */
  now(): number;
  /** From the first call on Ctrl-C aborts this instead of ending the process; a second Ctrl-C ends it. */
  interrupted(): AbortSignal;
}
