import { postgresCommand } from '../../../services/local/servers/postgres-command.ts';
import { startStandby } from '../postgres.ts';

/** A real second Postgres that receives everything and replays nothing, so that it falls behind. `close` ends it. */
export async function pausedStandby(primaryUrl: string): Promise<{ close(): Promise<void> }> {
  const standby = await startStandby(primaryUrl);
  await postgresCommand(standby.url, 'SELECT pg_wal_replay_pause()');
  return { close: () => standby.stop() };
}
