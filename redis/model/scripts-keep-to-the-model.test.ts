import fc from 'fast-check';
import type { Limits } from '../../shared/protocol/http.ts';
import { type OwnClockedStore, ownClockedStore } from '../../tests/support/own-clocked-store.ts';
import { propertyRuns } from '../../tests/support/property-runs.ts';
import { Keys } from '../keys.ts';
import { RedisUnavailable } from '../unavailable.ts';
import { CapacityModel } from './capacity-model.ts';
import { clearState } from './redis-state.ts';
import { RunBook } from './run-book.ts';
import { crowdSteps, limits } from './steps/crowd-steps.ts';
import { lifeSteps } from './steps/life-steps.ts';
import { queueSteps } from './steps/queue-steps.ts';
import { rebuildSteps } from './steps/rebuild-steps.ts';
import { slotSteps } from './steps/slot-steps.ts';
import type { Stage, Stand, Step } from './steps/step.ts';
import { Witness } from './witness.ts';

type Sequence = Iterable<Step>;

const SEQUENCES = 300;
const MAX_STEPS = 60;
/** Time (ms) a sequence may take on a slow machine; and what the search for the shortest failing one may take in all. */
const SEQUENCE_MS = 400;
const SHRINKING_MS = 60_000;

/**
 * Random sequences of everything replicas, workers, leaders, clocks and crashes can do, against the real scripts and against the model of
 * the rules. After every step the answer, all keys, what the store tells others and what was published must be the model's, and
 * the rules (state-rules.ts, step-rules.ts, history-rules.ts) hold, which know nothing of the model.
 *
 * A long run: `MODEL_RUNS=20000 npx mocha redis/model/scripts-keep-to-the-model.test.ts` (about 25 ms a sequence).
 * A failure prints its shortest sequence in words, with `seed`, `path` and `replayPath`; to see it again:
 * `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=… npx mocha …`.
 */
describe('the scripts keep to the model of the rules', () => {
  const { replayPath, ...runs } = propertyRuns(SEQUENCES);
  const longestMs = runs.numRuns * SEQUENCE_MS + SHRINKING_MS;
  let store: OwnClockedStore;

  before(async () => {
    store = await ownClockedStore();
  });
  after(() => store.close());

  it('whatever happens, in whatever order', async () => {
    const keys = new Keys(store.prefix);
    const witness = new Witness(store, keys);
    const beginning = store.clock.now;
    const steps = [...crowdSteps, ...queueSteps, ...slotSteps, ...rebuildSteps, ...lifeSteps(keys)];
    const commands = fc.commands([fc.oneof(...steps)], {
      maxCommands: MAX_STEPS,
      size: 'max',
      ...(replayPath ? { replayPath } : {}),
    });
    // Without bias: short sequences meet little.
    const sequences = fc.noBias(commands);
    const play = async (sequence: Sequence, first: Limits) => {
      await clearState(store.connections.command, keys);
      await store.clock.advance(beginning - store.clock.now);
      const capacity = new CapacityModel(beginning);
      const stage: Stage = { capacity, book: new RunBook(), leaderEpoch: 2, limits: first };
      const born = { generation: 'first', maxGrantNo: 0, limits: first };
      for (const rebuild of [capacity, store.rebuild]) {
        await rebuild.begin(1);
        await rebuild.finish(1, born);
      }
      await witness.begin();
      await fc.asyncModelRun(() => ({ model: stage, real: { store, witness } satisfies Stand }), sequence);
    };
    await fc.assert(
      fc.asyncProperty(sequences, limits, (sequence, first) =>
        play(sequence, first).catch(async (error: unknown) => {
          if (!isOutage(error)) throw error;
          await store.connections.ready();
          await play(sequence, first);
        }),
      ),
      { ...runs, interruptAfterTimeLimit: longestMs, markInterruptAsFailure: true },
    );
  }).timeout(longestMs + SHRINKING_MS);
});

/** A machine that stands still for a second or two cuts connections, which says nothing of the scripts. */
function isOutage(error: unknown): boolean {
  const told = error instanceof Error ? error.message : '';
  return error instanceof RedisUnavailable || /Command timed out|Connection is closed|max retries/.test(told);
}
