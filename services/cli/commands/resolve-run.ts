import { isUuid } from '../run-input.ts';
import type { CliServer } from '../server/cli-server.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

/** How far back "last" looks among everybody's runs for an administrator's own. */
const LOOK_BACK = 100;

/**
 * The cluster, and the run somebody means: an id, or "last" for the newest of their own (an administrator sees everybody's,
 * and must not cancel a stranger's). What is no id is refused before anything is connected.
 */
export async function resolveRun(
  session: Pick<Session, 'server'>,
  text: string,
): Promise<{ server: CliServer; runId: string }> {
  if (text !== 'last' && !isUuid(text)) {
    throw new UsageError(`"${text}" is not the id of a run.`, '"last" is your newest; weir runs lists them.');
  }
  const server = await session.server();
  return { server, runId: text === 'last' ? await newestOwn(server) : text.toLowerCase() };
}

async function newestOwn(server: CliServer): Promise<string> {
  const me = await server.userId();
  const { items } = await server.api('user').listRuns({ limit: LOOK_BACK });
  const run = items.find((candidate) => me === null || candidate.user_id === me);
  if (run) return run.id;
  throw new UsageError('You have no run yet, so there is no "last" one.');
}
