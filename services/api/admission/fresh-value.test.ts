import { expect } from 'chai';
import { FreshValue } from './fresh-value.ts';

describe('FreshValue', () => {
  let now = 0;
  let reads: Array<{ resolve(value: string): void; reject(error: Error): void }>;
  const read = () =>
    new Promise<string>((resolve, reject) => {
      reads.push({ resolve, reject });
    });

  beforeEach(() => {
    now = 0;
    reads = [];
  });

  it('reads once for everybody who asks during a read, and keeps the value for its age', async () => {
    const value = new FreshValue(read, 500, () => now);
    const both = Promise.all([value.get(), value.get()]);
    reads[0]?.resolve('first');
    expect(await both).to.deep.equal(['first', 'first']);
    now = 500;
    expect(await value.get()).to.equal('first');
    expect(reads).to.have.length(1);
    now = 501;
    const again = value.get();
    reads[1]?.resolve('second');
    expect(await again).to.equal('second');
  });

  it('keeps no failure', async () => {
    const value = new FreshValue(read, 500, () => now);
    const failing = value.get().catch((error: Error) => error.message);
    reads[0]?.reject(new Error('away'));
    expect(await failing).to.equal('away');
    const next = value.get();
    reads[1]?.resolve('back');
    expect(await next).to.equal('back');
  });

  it('does not serve a read that began before it was told to forget', async () => {
    const value = new FreshValue(read, 500, () => now);
    const early = value.get();
    value.forget();
    const late = value.get();
    reads[1]?.resolve('new');
    expect(await late).to.equal('new');
    reads[0]?.resolve('old');
    expect(await early).to.equal('old');
    expect(value.latest).to.equal('new');
  });
});
