import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A database for one engine's turn, so that nobody works beside what others have left. */
export interface OwnDatabase {
  url: string;
  pool(max: number): pg.Pool;
  drop(): Promise<void>;
}

export async function ownDatabase(server: string): Promise<OwnDatabase> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  // Log files are reused as after a while of running, not written for the first time.
  await admin.query('CHECKPOINT');
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    pool(max) {
      const pool = new pg.Pool({ connectionString: url.href, max });
      // `drop` may end connections that are being closed.
      pool.on('error', () => {});
      return pool;
    },
    async drop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
