import { expect } from 'chai';
import { postgresCommand } from '../services/local/servers/postgres-command.ts';
import { testDatabase } from '../tests/support/postgres.ts';
import { doubtsIn, durabilityDoubts } from './durability.ts';

describe('settings of Postgres with which something accepted can be lost', () => {
  const safe = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', synchronous_standby_names: '' };

  it('are none where commits are on the disk, and on that of the standby if there is one', () => {
    for (const synchronous_commit of ['on', 'remote_apply', 'local', 'remote_write'])
      expect(doubtsIn({ ...safe, synchronous_commit })).to.deep.equal({});
    const synchronous_standby_names = 'ANY 1 (a, b)';
    for (const synchronous_commit of ['on', 'remote_apply'])
      expect(doubtsIn({ ...safe, synchronous_commit, synchronous_standby_names })).to.deep.equal({});
  });

  it('are named', () => {
    expect(doubtsIn({ ...safe, fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' })).to.deep.equal({
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
    });
    for (const synchronous_commit of ['local', 'remote_write'])
      expect(doubtsIn({ ...safe, synchronous_commit, synchronous_standby_names: 'a' })).to.deep.equal({
        synchronous_commit,
      });
  });

  it('are found also where they are those of our user alone', async () => {
    const database = await testDatabase();
    try {
      const name = new URL(database.url).pathname.slice(1);
      await postgresCommand(database.url, `ALTER ROLE weir IN DATABASE ${name} SET synchronous_commit = off`);
      // The servers of tests are without fsync.
      expect(await durabilityDoubts(database.url)).to.deep.equal({
        fsync: 'off',
        full_page_writes: 'off',
        synchronous_commit: 'off',
      });
    } finally {
      await database.close();
    }
  });
});
