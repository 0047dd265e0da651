import { EXIT_CODES } from '../exit-code.ts';
import { renderRun } from '../render/run.ts';
import type { Command } from './command.ts';
import { resolveRun } from './resolve-run.ts';

/** One run in full. */
export const show: Command = async (session, [which = '']) => {
  const { server, runId } = await resolveRun(session, which);
  const run = await server.api('admin').getRun(runId);
  const { console, program } = session;
  const { style } = console;
  console.answer(run, () =>
    renderRun(run, { style, now: session.now(), program, width: console.columns() ?? Number.POSITIVE_INFINITY }),
  );
  return EXIT_CODES.ok;
};
