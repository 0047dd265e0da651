import { expect } from 'chai';
import { addressSeenBy } from './address-seen-by.ts';

describe('the address at which one part finds another', () => {
  const portSeenBy = async (from: string, to: string, port: number) =>
    port + (from === 'replica-2' && to === 'redis' ? 1_000 : 2_000);

  it('is its own unless something stands between them', async () => {
    const url = 'redis://:word@127.0.0.1:6379';
    expect(await addressSeenBy({}, 'replica-2', 'redis', url)).to.equal(url);
    expect(await addressSeenBy({ portSeenBy }, 'replica-2', 'redis', url)).to.equal('redis://:word@127.0.0.1:7379');
    expect(await addressSeenBy({ portSeenBy }, 'replica-1', 'redis', url)).to.equal('redis://:word@127.0.0.1:8379');
  });

  it('is replaced wherever there are several, and nothing else is', async () => {
    const url = 'postgres://weir:word@127.0.0.1:5432,127.0.0.1:5433/weir?x=db.example:5432';
    expect(await addressSeenBy({ portSeenBy }, 'replica-1', 'postgres', url)).to.equal(
      'postgres://weir:word@127.0.0.1:7432,127.0.0.1:7433/weir?x=db.example:5432',
    );
  });
});
