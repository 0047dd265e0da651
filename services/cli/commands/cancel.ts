import { EXIT_CODES } from '../exit-code.ts';
import { printableLine } from '../render/printable.ts';
import { statusMark } from '../render/status-mark.ts';
import type { Command } from './command.ts';
import { resolveRun } from './resolve-run.ts';

/** Ends a run that waits or runs. */
export const cancel: Command = async (session, [which = '']) => {
  const { server, runId } = await resolveRun(session, which);
  const run = await server.api('admin').cancel(runId);
  const { style } = session.console;
  session.console.answer(run, () => [
    `${statusMark(run.status, style)}  ${printableLine(run.workflow_name)}  ${style.dim(run.id)}`,
  ]);
  return EXIT_CODES.ok;
};
