import type { OptionValues } from '../command-line/option-values.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Session } from '../session.ts';

/** What a command is given, and what it answers to the shell. Errors are thrown; see failure.ts. */
export type Command = (session: Session, positionals: readonly string[], options: OptionValues) => Promise<ExitCode>;
