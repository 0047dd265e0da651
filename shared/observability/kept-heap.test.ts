import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { keptHeapBytes, watchCollections } from './kept-heap.ts';

const MB = 1_000_000;

describe('the heap that is kept', () => {
  it('follows what is held', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const keptIs = async (what: string, holds: (bytes: number) => boolean) => {
      collect();
      await until(() => holds(keptHeapBytes()), { timeoutMs: 5_000, what });
    };
    watchCollections();
    await keptIs('a first collection', () => true);
    const before = keptHeapBytes();
    let held = Array.from({ length: 2_000_000 }, (_, n) => n + 0.5);
    await keptIs('what is held', (bytes) => bytes > before + 10 * MB);
    held = [held.length];
    const after = keptHeapBytes();
    await keptIs('what is left', (bytes) => bytes < after - 10 * MB);
    expect(held).to.have.length(1);
  });
});
