import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { CAPACITY_KEYS, type CapacityKey, CHANNELS, Keys, MODEL_KEYS, PROVIDER_KEYS, USER_KEYS } from './keys.ts';

describe('keys', () => {
  const keys = new Keys('weir:v1');

  it('have the formats of the design', () => {
    expect(keys.capacity('userLeases')).to.equal('weir:v1:{cap}:user-leases');
    expect(keys.channel('wake')).to.equal('weir:v1:{cap}:wake');
    expect(keys.user('ann', 'stream')).to.equal('weir:v1:{u:ann}:stream');
    expect(keys.userEvents('ann')).to.equal('weir:v1:{u:ann}:events');
    expect(keys.ticket('abc')).to.equal('weir:v1:{t:abc}');
    expect(keys.runMark('0AFE')).to.equal('weir:v1:{runs}:mark:0afe');
    expect(keys.models('activeCalls')).to.equal('weir:v1:{llm}:active-calls');
    expect(keys.provider('primary', 'opening')).to.equal('weir:v1:{llm}:opening:primary');
    expect(keys.providerChanges()).to.equal('weir:v1:{llm}:changes');
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
    const tables = [CAPACITY_KEYS, CHANNELS, USER_KEYS, PROVIDER_KEYS, MODEL_KEYS];
    for (const name of tables.flatMap((table) => Object.values(table))) {
      expect(readme, name).to.match(new RegExp(`^\\| \`[^|]*\\b${name}\``, 'm'));
    }
  });
});
