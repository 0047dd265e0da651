import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { OutputCoalescer } from './output-coalescer.ts';

describe('live output', () => {
  let frames: Array<[text: string, restart: boolean]>;
  let output: OutputCoalescer;
  beforeEach(() => {
    frames = [];
    output = new OutputCoalescer((text, restart) => void frames.push([text, restart]));
  });
  const arrives = (count: number) => until(() => frames.length >= count, { timeoutMs: 5_000, what: `frame ${count}` });

  it('goes out at once after silence, then joins what comes within 50 ms into one frame', async () => {
    for (const piece of ['a', 'b', 'c', 'd']) output.add(piece);
    expect(frames).to.deep.equal([['a', false]]);
    const start = performance.now();
    await arrives(2);
    expect(performance.now() - start).to.be.within(40, 2_000);
    expect(frames).to.deep.equal([
      ['a', false],
      ['bcd', false],
    ]);
  });

  it('loses nothing at the end of a step', () => {
    for (const piece of ['a', 'b', 'c']) output.add(piece);
    output.flush();
    output.flush();
    expect(frames).to.deep.equal([
      ['a', false],
      ['bc', false],
    ]);
  });

  it('tells a restart with the first text after it, and drops what was not yet sent', async () => {
    output.add('wrong');
    output.add(' and more');
    output.restart();
    output.add('right');
    await arrives(2);
    expect(frames).to.deep.equal([
      ['wrong', false],
      ['right', true],
    ]);
  });

  it('sends nothing after it was discarded', async () => {
    output.add('a');
    output.add('b');
    output.discard();
    output.flush();
    expect(frames).to.deep.equal([['a', false]]);
  });
});
