import pg from 'pg';
import type { ClusterServer } from '../../../services/local/local-cluster.ts';
import type { Fault } from './fault.ts';

/** By which they know each other. */
const NAME = 'stranger';
/** Between tries to take what has become free (ms): shorter than any pause of a client between its own. */
const AGAIN_MS = 10;

/**
 * Strangers take every connection, those reserved for administrators too: what the replicas have is ended, and whatever becomes free is taken
 * before they are back. Ends by the strangers' leaving.
 */
export function connectionsTaken(postgres: ClusterServer, holdMs: number): Fault {
  const strangers = new Set<pg.Client>();
  const ending = new AbortController();
  let greedy: Promise<void> = Promise.resolve();

  const take = async (): Promise<boolean> => {
    const stranger = new pg.Client({
      connectionString: postgres.url,
      connectionTimeoutMillis: 5_000,
      application_name: NAME,
    });
    stranger.on('error', () => strangers.delete(stranger));
    try {
      await stranger.connect();
      strangers.add(stranger);
      return true;
    } catch {
      return false;
    }
  };
  const takeAll = async () => {
    while (!ending.signal.aborted) {
      if (await take()) continue;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  return {
    name: 'postgres connections taken',
    target: 'postgres',
    holdMs,
    apply: async () => {
      while (await take());
      const [first] = strangers;
      greedy = takeAll();
      const others = `backend_type = 'client backend' AND application_name <> '${NAME}'`;
      await first?.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`).catch(() => {});
    },
    heal: async () => {
      ending.abort();
      await greedy;
      await Promise.all([...strangers].map((stranger) => stranger.end().catch(() => {})));
    },
  };
}
