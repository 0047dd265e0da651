import { EXIT_CODES } from '../exit-code.ts';
import { renderTriggered } from '../render/run.ts';
import type { Command } from './command.ts';
import { resolveRun } from './resolve-run.ts';
import { watchExisting } from './watch-existing.ts';

/** Queues a failed run again; it goes on from its last finished step. */
export const retry: Command = async (session, [which = ''], options) => {
  const { server, runId } = await resolveRun(session, which);
  const answer = await server.api('admin').retry(runId);
  if (options.flag('watch')) return watchExisting(session, server, runId, answer);
  session.console.answer(answer, () =>
    renderTriggered(answer, 'The run', session.console.style, session.now(), session.program),
  );
  return EXIT_CODES.ok;
};
