import fc from 'fast-check';
import type { ClockedStore } from '../../clocked-store.ts';
import type { RunAttempt } from '../../results.ts';
import type { EndedRun } from '../../slot-leases.ts';
import type { Hand } from '../run-book.ts';
import { type Deed, fromEnd, leader, type Stage, step, type WeightedStep } from './step.ts';

/** Some of what workers have, or had, in their hands; now and then in the name of another attempt than theirs. */
const some = fc.array(fc.record({ back: fc.nat(7), shift: fc.constantFrom(0, 0, 0, 0, 1, -1) }), {
  minLength: 1,
  maxLength: 3,
});
const anyHand = ({ book }: Stage) => book.hands.length > 0;
const serviceMs = fc.option(fc.nat(5_000));

/** Workers take, claim, renew, release, hand back, rightfully and as zombies; the leader rescues. */
export const slotSteps: WeightedStep[] = [
  {
    weight: 24,
    arbitrary: fc.constantFrom(true, true, false).map((claims) =>
      step(
        async (stage, store, see) => {
          const taken = await take(stage, store);
          if (!claims) return taken;
          await see(taken);
          return claim(stage, store, 0);
        },
        // The store would wait.
        ({ capacity }) => capacity.runs.slots.ready.length > 0,
      ),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.nat(4).map((back) =>
      step(
        (stage, store) => claim(stage, store, back),
        ({ book }) => book.hands.some(({ claimed }) => !claimed),
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: some.map((picks) =>
      step(
        (stage, store) =>
          renew(
            stage,
            store,
            picks.map((pick) => attemptOf(stage, pick)),
          ),
        anyHand,
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(some, serviceMs).map(([picks, ms]) =>
      step(async (stage, store) => {
        // Who ends a run without an attempt of its own does so as the next one.
        const attempts = picks
          .map((pick) => attemptOf(stage, pick))
          .map(({ runId, attempt }) => ({ runId, attempt: Math.ceil(attempt) }));
        const ended = attempts.map((attempt) => endedRun(stage, attempt, ms));
        const expected = stage.capacity.release(ended);
        return { story: `release ${told(attempts)}`, attempts, expected, answer: await store.slots.release(ended) };
      }, anyHand),
    ),
  },
  {
    weight: 3,
    arbitrary: some.map((picks) =>
      step(async (stage, store) => {
        const attempts = picks.map((pick) => attemptOf(stage, pick));
        const expected = stage.capacity.giveBack(attempts);
        return {
          story: `give back ${told(attempts)}`,
          attempts,
          expected,
          answer: await store.slots.giveBack(attempts),
        };
      }, anyHand),
    ),
  },
  {
    weight: 8,
    arbitrary: leader.map((epochOf) => step((stage, store) => rescue(stage, store, epochOf(stage)))),
  },
];

export async function rescue({ capacity }: Stage, store: ClockedStore, epoch: number): Promise<Deed> {
  return {
    story: `leader ${epoch} rescues`,
    epoch,
    expected: capacity.rescue(epoch),
    answer: await store.slots.rescue(epoch),
  };
}

async function take({ capacity, book }: Stage, store: ClockedStore): Promise<Deed> {
  const expected = capacity.take();
  if (expected) book.taken(expected);
  const [answer = null] = await store.slots.take(1, new AbortController().signal);
  return { story: `a worker takes ${expected?.runId}`, expected, answer };
}

/** What a worker does with a run it has taken; of one that has ended meanwhile it gives the slot back. */
async function claim({ capacity, book }: Stage, store: ClockedStore, back: number): Promise<Deed> {
  const hand = fromEnd(
    book.hands.filter(({ claimed }) => !claimed),
    back,
  ) as Hand;
  const { runId } = hand.run;
  if (book.claim(hand)) {
    const attempts = [{ runId, attempt: hand.attempt }];
    const expected = capacity.renew(attempts);
    return { story: `claim ${told(attempts)}`, attempts, expected, answer: await store.slots.renew(attempts) };
  }
  const ended = [{ runId, attempt: hand.attempt, sample: null }];
  const expected = capacity.release(ended);
  return { story: `drop ${told(ended)}`, attempts: ended, expected, answer: await store.slots.release(ended) };
}

/** `attempts` left out: what all workers renew every few seconds. */
export async function renew(
  { capacity, book }: Stage,
  store: ClockedStore,
  attempts: readonly RunAttempt[] = book.hands.map(({ run, attempt }) => ({ runId: run.runId, attempt })),
): Promise<Deed> {
  const expected = attempts.length === 0 ? [] : capacity.renew(attempts);
  return { story: `renew ${told(attempts)}`, attempts, expected, answer: await store.slots.renew(attempts) };
}

function attemptOf({ book }: Stage, { back, shift }: { back: number; shift: number }): RunAttempt {
  const { run, attempt, claimed } = fromEnd(book.hands, back) as Hand;
  return { runId: run.runId, attempt: claimed ? attempt + shift : attempt };
}

/** Postgres takes the end of a run from its latest attempt only. */
function endedRun({ book }: Stage, { runId, attempt }: RunAttempt, ms: number | null): EndedRun {
  const booked = book.find(runId);
  if (booked?.attempt === attempt) book.end(runId);
  return { runId, attempt, sample: ms === null ? null : { workflowId: booked?.workflowId ?? '', ms } };
}

function told(attempts: readonly RunAttempt[]): string {
  return attempts.map(({ runId, attempt }) => `${runId} as attempt ${attempt}`).join(', ');
}
