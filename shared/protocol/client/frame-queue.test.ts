import { expect } from 'chai';
import type { EventFrame } from '../events.ts';
import { FrameQueue } from './frame-queue.ts';

const frame: EventFrame = { type: 'PONG', at: '', data: {} };

describe('FrameQueue', () => {
  it('hands over what came before and after the reader asked, then ends', async () => {
    const queue = new FrameQueue(() => {});
    queue.push(frame);
    expect(await queue.next()).to.deep.equal({ done: false, value: frame });
    const asked = queue.next();
    queue.push(frame);
    expect(await asked).to.deep.equal({ done: false, value: frame });
    queue.push(frame);
    queue.end(null);
    expect((await queue.next()).done).to.equal(false);
    expect((await queue.next()).done).to.equal(true);
  });

  it('fails a reader that is too far behind instead of filling the memory', async () => {
    let left = 0;
    const queue = new FrameQueue(() => left++, 3);
    for (let i = 0; i < 10; i++) queue.push(frame);
    let message = '';
    await queue.next().catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.contain('3 behind');
    expect(left).to.equal(1);
  });

  it('stops listening when the loop is left early', async () => {
    let left = 0;
    const queue = new FrameQueue(() => left++);
    queue.push(frame);
    queue.push(frame);
    for await (const _ of queue) break;
    expect(left).to.equal(1);
  });
});
