import type { CommandName } from '../command-line/command-specs.ts';
import { cancel } from './cancel.ts';
import { capacity } from './capacity.ts';
import type { Command } from './command.ts';
import { providers } from './providers.ts';
import { queue } from './queue.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { watch } from './watch.ts';

/** What each command does; `help` is the parser's own. */
export const COMMANDS: Readonly<Record<Exclude<CommandName, 'help'>, Command>> = {
  run,
  watch,
  status,
  runs,
  show,
  cancel,
  retry,
  queue,
  capacity,
  providers,
};
