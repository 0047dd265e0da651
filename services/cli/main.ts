import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { COMMAND_SPECS } from './command-line/command-specs.ts';
import { parseCommandLine } from './command-line/parse.ts';
import { COMMANDS } from './commands/commands.ts';
import { Console, type OutputStream } from './console.ts';
import { EXIT_CODES, type ExitCode } from './exit-code.ts';
import { describeFailure } from './failure.ts';
import { renderCommandHelp, renderHelp } from './render/help.ts';
import { connect } from './server/connect.ts';
import { findTarget } from './server/find-target.ts';

/** The world around one call of the client; the process, or a test. */
export interface Host {
  /** Without node and script. */
  argv: readonly string[];
  environment: NodeJS.ProcessEnv;
  cwd: string;
  stdout: OutputStream;
  stderr: OutputStream;
  /** How people call this program. */
  program: string;
  /** Calls `listener` on the first Ctrl-C instead of ending the process. */
  onInterrupt(listener: () => void): void;
}

/** The `weir` client. Never rejects for a foreseeable reason; the answer is the exit code. */
export async function main(host: Host): Promise<ExitCode> {
  const { argv, environment, cwd, stdout, stderr, program } = host;
  const console = new Console({ stdout, stderr, environment, json: argv.includes('--json') });
  try {
    const line = parseCommandLine(argv);
    if (line.kind === 'version') console.print([version()]);
    else if (line.kind === 'help') {
      console.print(
        line.topic === null
          ? renderHelp(COMMAND_SPECS, console.style, program)
          : renderCommandHelp(line.topic, console.style, program),
      );
    } else {
      const session = {
        console,
        server: async () => connect(findTarget(environment)),
        program,
        cwd,
        now: Date.now,
        interrupted: () => interrupted(host),
      };
      return await COMMANDS[line.name](session, line.positionals, line.options);
    }
    return EXIT_CODES.ok;
  } catch (error) {
    const failure = describeFailure(error, console.noteStyle);
    console.note(failure.lines);
    if (console.json) console.document(failure.document);
    return failure.exitCode;
  }
}

function interrupted(host: Host): AbortSignal {
  const controller = new AbortController();
  host.onInterrupt(() => controller.abort());
  return controller.signal;
}

function version(): string {
  return (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
