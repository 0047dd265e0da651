import { expect } from 'chai';
import { stepContext } from '../../../tests/support/worker/step-context.ts';
import { DelayExecutor } from './delay.ts';

const step = (duration: number) => ({ name: 'wait', type: 'delay' as const, config: { duration } });

async function timed(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise;
  return performance.now() - start;
}

describe('delay step', () => {
  const now = 1_800_000_000_000;
  const delay = new DelayExecutor(() => now);

  it('waits its time; a short one writes nothing', async () => {
    const context = stepContext();
    expect(await timed(delay.execute(step(0.05), context))).to.be.within(45, 5_000);
    expect(context.saved).to.deep.equal([]);
    expect((await delay.execute(step(0), context)).output).to.deep.equal({ waited_seconds: 0 });
  });

  it('stores when a longer one ends before it waits', async () => {
    const run = new AbortController();
    const context = stepContext({
      signal: run.signal,
      index: 2,
      saveState: async (state) => {
        context.saved.push(state);
        run.abort(new Error('stop'));
      },
    });
    const error = await delay.execute(step(60), context).catch((reason: Error) => reason.message);
    expect(error).to.equal('stop');
    expect(context.saved).to.deep.equal([{ step: 2, wake_at: now + 60_000 }]);
  });

  it('waits only the rest after a rescue, and not at all when the time is over', async () => {
    const rest = stepContext({ state: { step: 0, wake_at: now + 40 } });
    expect(await timed(delay.execute(step(3_600), rest))).to.be.within(35, 5_000);
    expect(rest.saved).to.deep.equal([]);
    await delay.execute(step(3_600), stepContext({ state: { step: 0, wake_at: now - 1 } }));
  });

  it('takes no notice of what another step stored', async () => {
    const run = new AbortController();
    const context = stepContext({
      signal: run.signal,
      index: 1,
      state: { step: 0, wake_at: now - 1 },
      saveState: async () => run.abort(new Error('waits in full')),
    });
    expect(await delay.execute(step(60), context).catch((reason: Error) => reason.message)).to.equal('waits in full');
  });
});
