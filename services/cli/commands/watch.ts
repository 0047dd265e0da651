import type { Command } from './command.ts';
import { resolveRun } from './resolve-run.ts';
import { watchExisting } from './watch-existing.ts';

/** Follows a run that exists. */
export const watch: Command = async (session, [which = '']) => {
  const { server, runId } = await resolveRun(session, which);
  return watchExisting(session, server, runId, null);
};
