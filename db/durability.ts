import pg from 'pg';
import { PrimarySearch } from './primary-search.ts';

const ASK = `
  SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
         current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('synchronous_standby_names') AS synchronous_standby_names`;

type Durability = Record<'fsync' | 'full_page_writes' | 'synchronous_commit' | 'synchronous_standby_names', string>;

/**
 * Settings of Postgres, and of our user there, with which something accepted can be lost (docs/decisions/0014), by name; empty: none.
 * Rejects when Postgres cannot be asked.
 */
export async function durabilityDoubts(url: string): Promise<Partial<Durability>> {
  const { url: one } = await new PrimarySearch(url).find();
  const client = new pg.Client({ connectionString: one, application_name: 'weir-durability' });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<Durability>(ASK);
    return rows[0] === undefined ? {} : doubtsIn(rows[0]);
  } finally {
    await client.end();
  }
}

export function doubtsIn(settings: Durability): Partial<Durability> {
  const { fsync, full_page_writes, synchronous_commit, synchronous_standby_names } = settings;
  const strong = ['on', 'remote_apply'];
  // Without a standby to wait for, these say the same as `on`.
  if (synchronous_standby_names === '') strong.push('local', 'remote_write');
  return {
    ...(fsync === 'on' ? {} : { fsync }),
    ...(full_page_writes === 'on' ? {} : { full_page_writes }),
    ...(strong.includes(synchronous_commit) ? {} : { synchronous_commit }),
  };
}
