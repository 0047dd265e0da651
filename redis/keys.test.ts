import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CAPACITY_KEYS, type CapacityKey, CHANNELS, Keys, USER_KEYS } from './keys.ts';

describe('keys', () => {
  const keys = new Keys('weir:v1');

  it('have the formats of the design', () => {
    expect(keys.capacity('userLeases')).to.equal('weir:v1:{cap}:user-leases');
    expect(keys.channel('wake')).to.equal('weir:v1:{cap}:wake');
    expect(keys.user('ann', 'stream')).to.equal('weir:v1:{u:ann}:stream');
    expect(keys.userEvents('ann')).to.equal('weir:v1:{u:ann}:events');
    expect(keys.ticket('abc')).to.equal('weir:v1:{t:abc}');
  });

  it('of different things are different, also for hostile user ids', () => {
    const ids = ['ann', 'ann}:meta', 'ann}', '{ann', 'cap', ''];
    const all = ids.flatMap((id) => [
      keys.user(id, 'stream'),
      keys.user(id, 'meta'),
      keys.user(id, 'seen'),
      keys.userEvents(id),
      keys.ticket(id),
    ]);
    const names = (Object.keys(CAPACITY_KEYS) as CapacityKey[]).map((name) => keys.capacity(name));
    expect(new Set([...all, ...names]).size).to.equal(all.length + names.length);
  });

  it('each is in the table of the README', () => {
    const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
    for (const name of [...Object.values(CAPACITY_KEYS), ...Object.values(CHANNELS), ...Object.values(USER_KEYS)]) {
      expect(readme, name).to.match(new RegExp(`^\\| \`[^|]*\\b${name}\``, 'm'));
    }
  });
});
