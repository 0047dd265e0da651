import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { SlotTimer } from './slot-timer.ts';

const SLOT_MS = 20;

describe('a timer on the slots of the clock', () => {
  let timer: SlotTimer | undefined;

  afterEach(() => timer?.stop());

  async function worked(count: number, waitMs: number) {
    const done: Array<{ slot: number; at: number }> = [];
    timer = new SlotTimer({
      slotMs: SLOT_MS,
      waitMs: () => waitMs,
      work: async (slot) => void done.push({ slot, at: Date.now() }),
    });
    const startedAt = Date.now();
    timer.start();
    await until(() => done.length >= count, { timeoutMs: 10_000, what: `${count} slots` });
    return { startedAt, done };
  }

  it('works on each slot once, in order, beginning with the one in which it starts', async () => {
    const { startedAt, done } = await worked(20, 0);
    const slots = done.map(({ slot }) => slot);
    expect(slots.map((slot) => slot % SLOT_MS)).to.deep.equal(slots.map(() => 0));
    expect([...new Set(slots)].sort((a, b) => a - b)).to.deep.equal(slots);
    expect(slots[0]).to.be.within(startedAt - SLOT_MS, startedAt + SLOT_MS);
  });

  it('waits for the end of the slot, and beyond it as long as it is told', async () => {
    const { done } = await worked(5, 15);
    // A timer of Node may fire a millisecond early.
    for (const { slot, at } of done) expect(at - slot).to.be.at.least(SLOT_MS + 15 - 1);
  });

  it('ends when the work under way has ended, and takes no further slot', async () => {
    const taken: number[] = [];
    let finish = () => {};
    timer = new SlotTimer({
      slotMs: SLOT_MS,
      work: (slot) => {
        taken.push(slot);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    });
    timer.start();
    await until(() => taken.length === 1, { timeoutMs: 5_000, what: 'the first slot' });
    let stopped = false;
    const stopping = timer.stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect(stopped).to.equal(false);
    finish();
    await stopping;
    const known = taken.length;
    await worked(3, 0);
    expect(taken.length).to.equal(known);
  });

  it('may be stopped before it is started, and twice', async () => {
    timer = new SlotTimer({ slotMs: SLOT_MS, work: async () => {} });
    await timer.stop();
    timer.start();
    await timer.stop();
    await timer.stop();
  });
});
