import { Session } from 'node:inspector/promises';
import { expect } from 'chai';
import { heapContents } from './heap-contents.ts';

const MB = 1_000_000;

async function contentsNow() {
  const session = new Session();
  session.connect();
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ params }) => chunks.push(params.chunk));
  await session.post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.disconnect();
  return heapContents(chunks.join(''));
}

/** Source that V8 compiles when it is called; its text is an object of the program. */
const source = Array.from({ length: 100_000 }, (_, n) => `a=a*${n}+b.c${n % 50};`).join('');

describe('what is in a heap', () => {
  it('tells what the program holds from what V8 has compiled for it', async function () {
    this.timeout(60_000);
    const before = await contentsNow();
    const held = Array.from({ length: 100_000 }, (_, n) => ({ text: `number ${n} of many`, n }));
    const holding = await contentsNow();
    expect(holding.objects - before.objects).to.be.within(4 * MB, 20 * MB);
    expect(Math.abs(holding.code - before.code)).to.be.below(MB);

    const compiled = new Function('a', 'b', `${source} return a;`) as (a: number, b: object) => number;
    compiled(1, {});
    const after = await contentsNow();
    expect(after.code - holding.code).to.be.greaterThan(2 * MB);
    expect(held).to.have.length(100_000);
  });

  it('is not read from anything else', () => {
    expect(() =>
      heapContents('{"snapshot":{"meta":{"node_fields":["id"],"node_types":[[]]}},"nodes":[],"strings":[]}'),
    ).to.throw(SyntaxError);
  });
});
