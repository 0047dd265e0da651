import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { heapContents } from './heap-contents.ts';

const MB = 1_000_000;

/** A heap of its own, since that of all tests is large. Holds objects, then compiles a source whose text it has held from the beginning. */
const HOLDER = `
  const { parentPort } = require('node:worker_threads');
  const source = Array.from({ length: 100_000 }, (_, n) => \`a=a*\${n}+b.c\${n % 50};\`).join('');
  globalThis.held = [source];
  const orders = {
    hold: () => held.push(Array.from({ length: 100_000 }, (_, n) => ({ text: \`number \${n} of many\`, n }))),
    compile: () => {
      held.push(new Function('a', 'b', source + ' return a;'));
      held.at(-1)(1, {});
    },
  };
  parentPort.on('message', (order) => {
    orders[order]();
    parentPort.postMessage('done');
  });
`;

describe('what is in a heap', () => {
  let holder: Worker;

  before(async () => {
    holder = new Worker(HOLDER, { eval: true, execArgv: [] });
    await once(holder, 'online');
  });
  after(() => holder.terminate());

  const told = (order: 'hold' | 'compile') =>
    new Promise<void>((resolve, reject) => {
      holder.once('message', () => resolve()).once('error', reject);
      holder.postMessage(order);
    });
  const contents = async () => heapContents(await text(await holder.getHeapSnapshot()));

  it('tells what the program holds from what V8 has compiled for it', async function () {
    this.timeout(60_000);
    const before = await contents();
    await told('hold');
    const holding = await contents();
    expect(holding.objects - before.objects).to.be.within(4 * MB, 20 * MB);
    expect(Math.abs(holding.code - before.code)).to.be.below(MB);

    await told('compile');
    const after = await contents();
    expect(after.code - holding.code).to.be.greaterThan(2 * MB);
  });

  it('is not read from anything else', () => {
    expect(() =>
      heapContents('{"snapshot":{"meta":{"node_fields":["id"],"node_types":[[]]}},"nodes":[],"strings":[]}'),
    ).to.throw(SyntaxError);
  });
});
