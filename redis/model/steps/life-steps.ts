import fc from 'fast-check';
import type { ClockedStore } from '../../clocked-store.ts';
import type { Keys } from '../../keys.ts';
import { CapacityModel } from '../capacity-model.ts';
import { clearState } from '../redis-state.ts';
import { refreshLevel } from './crowd-steps.ts';
import { dequeue } from './queue-steps.ts';
import { plan, rebuild } from './rebuild-steps.ts';
import { renew, rescue } from './slot-steps.ts';
import { type Deed, type Stage, step, type WeightedStep } from './step.ts';

/** At and around the lengths of leases, holds and waits, and the little things between; now and then somebody sets the clock back. */
const jump = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 40, 143, 334, 1_000) },
  { weight: 5, arbitrary: fc.constantFrom(4_999, 5_000, 6_999, 7_000, 9_999, 10_000) },
  { weight: 2, arbitrary: fc.constantFrom(14_999, 15_000, 29_999, 30_000) },
  { weight: 1, arbitrary: fc.constantFrom(61_000, 300_000) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -2_000) },
);
/** A restart that loses everything takes a moment. */
const RESTART_MS = 100;

/** Time passes, leaders change and work, the data is lost. */
export function lifeSteps(keys: Keys): WeightedStep[] {
  const level = keys.capacity('level');
  return [
    { weight: 14, arbitrary: jump.map((ms) => step((stage, store) => pass(stage, store, { ms, level }))) },
    {
      // What a leader does every second, and workers every few, at a slower rate, for about as long as a lease or a hold lasts.
      weight: 6,
      arbitrary: fc
        .record({
          rounds: fc.constantFrom(1, 3, 4),
          ms: fc.constantFrom(2_500, 5_000, 7_500),
          workersLive: fc.boolean(),
        })
        .map(({ rounds, ms, workersLive }) =>
          step(async (stage, store, see) => {
            for (let round = 0; round < rounds; round++) {
              await see(await pass(stage, store, { ms, level }));
              if (workersLive) await see(await renew(stage, store));
              await see(await refreshLevel(stage, store, stage.leaderEpoch));
              await see(await rescue(stage, store, stage.leaderEpoch));
            }
            return dequeue(stage, store, { epoch: stage.leaderEpoch, max: 100 });
          }),
        ),
    },
    {
      weight: 2,
      arbitrary: fc.constant(null).map(() =>
        step(async (stage) => {
          stage.leaderEpoch += 1;
          return { story: `leader ${stage.leaderEpoch} is elected`, expected: null, answer: null };
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.record({ rebuilt: fc.constantFrom(true, true, false), plan }).map((after) =>
        step(async (stage, store, see) => {
          const lost = await lose(stage, store, keys);
          if (!after.rebuilt) return lost;
          await see(lost);
          return rebuild(stage, store, after.plan, see);
        }),
      ),
    },
  ];
}

async function pass(
  { capacity }: Stage,
  store: ClockedStore,
  { ms, level }: { ms: number; level: string },
): Promise<Deed> {
  capacity.advance(ms);
  await store.clock.advance(ms);
  // Redis lets it lapse by its own clock.
  if (capacity.crowd.level.known === null) await store.connections.command.del(level);
  return { story: `${ms} ms pass`, expected: capacity.now, answer: store.clock.now };
}

async function lose(stage: Stage, store: ClockedStore, keys: Keys): Promise<Deed> {
  await store.clock.advance(RESTART_MS);
  stage.capacity = new CapacityModel(store.clock.now);
  await clearState(store.connections.command, keys);
  return { story: 'all data is lost', expected: null, answer: null };
}
