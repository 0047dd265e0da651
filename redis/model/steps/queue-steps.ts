import fc from 'fast-check';
import { PRIORITIES } from '../../../shared/workflow/priority.ts';
import type { ClockedStore } from '../../clocked-store.ts';
import type { AdmitEntry, Admitted } from '../../results.ts';
import { toEntry } from '../run-book.ts';
import { type Deed, fromEnd, leader, type Stage, step, type WeightedStep } from './step.ts';

/** A run nobody has seen yet; accepted a while ago if it comes from a backlog. */
const newRun = fc.record({
  userId: fc.constantFrom('ann', 'ann', 'bob', 'cid'),
  priority: fc.constantFrom('normal' as const, ...PRIORITIES),
  acceptedAgo: fc.constantFrom(0, 0, 0, 10, 61_000),
  /** How long it may still wait; null: the limit decides. */
  waits: fc.constantFrom(null, null, 700, 20_000, -1),
  promised: fc.constantFrom(false, false, false, true),
});
/** A run from before, with the attempt it has in Postgres or another one: a repeat, a retry, a straggler. */
const knownRun = fc.record({
  back: fc.nat(9),
  raise: fc.constantFrom(0, 0, 0, 1, 2, -1),
  promised: fc.constantFrom(false, false, true),
});
const batch = fc.array(
  fc.oneof({ weight: 3, arbitrary: newRun.map((run) => ({ run })) }, { weight: 2, arbitrary: knownRun }),
  { minLength: 1, maxLength: 6 },
);
type Item = { run: Of<typeof newRun> } | Of<typeof knownRun>;
type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs come, start, wait, expire, are cancelled. */
export const queueSteps: WeightedStep[] = [
  {
    weight: 18,
    arbitrary: batch.map((items) =>
      step(async (stage, store) => {
        const entries = items.map((item) => entryOf(item, stage));
        const expected = stage.capacity.admit(entries);
        if (expected.kind === 'admitted') bookAdmissions(stage, entries, expected);
        return { story: `admit ${entries.map(told).join(', ')}`, expected, answer: await store.queue.admit(entries) };
      }),
    ),
  },
  {
    weight: 10,
    arbitrary: fc
      .tuple(leader, fc.constantFrom(1, 2, 100, 100))
      .map(([epochOf, max]) => step((stage, store) => dequeue(stage, store, { epoch: epochOf(stage), max }))),
  },
  {
    weight: 6,
    arbitrary: fc.record({ inHand: fc.boolean(), back: fc.nat(9) }).map(({ inHand, back }) =>
      step(async ({ capacity, book }, store) => {
        const known = (inHand ? book.hands.map(({ run }) => run) : book.runs).map(({ runId }) => runId);
        const runId = fromEnd(known, back) ?? 'run-0';
        book.end(runId);
        return { story: `cancel ${runId}`, expected: capacity.cancel(runId), answer: await store.queue.cancel(runId) };
      }),
    ),
  },
];

export async function dequeue(
  { capacity, book }: Stage,
  store: ClockedStore,
  { epoch, max }: { epoch: number; max: number },
): Promise<Deed> {
  const expected = capacity.dequeue(epoch, max);
  if (expected.kind === 'dequeued') for (const { runId } of expected.expired) book.end(runId);
  const answer = await store.queue.dequeue(epoch, max);
  return { story: `leader ${epoch} dequeues${max < 100 ? ` ${max}` : ''}`, epoch, expected, answer };
}

/** For a repeat when there is nothing to repeat. */
const FIRST = { userId: 'ann', priority: 'normal', expiresAt: 0, promised: false } as const;

function entryOf(item: Item, { book, capacity: { now } }: Stage): AdmitEntry {
  if ('run' in item) {
    const { userId, priority, acceptedAgo, waits, promised } = item.run;
    const expiresAt = waits === null ? 0 : now + waits;
    return toEntry(book.accept({ userId, priority, acceptedAt: now - acceptedAgo, expiresAt, promised }), 0);
  }
  const run = fromEnd(book.runs, item.back) ?? book.accept({ ...FIRST, acceptedAt: now });
  const attemptFloor = Math.max(0, run.attempt + item.raise);
  const entry = { ...toEntry(run, attemptFloor), promised: item.promised };
  if (run.status !== 'ended' && item.raise <= 0) return entry;
  Object.assign(run, { status: 'queued', attempt: attemptFloor });
  // A retry is accepted anew.
  return { ...entry, acceptedAt: now, expiresAt: 0 };
}

function bookAdmissions({ book }: Stage, entries: readonly AdmitEntry[], { results }: Admitted): void {
  for (const [index, { runId }] of entries.entries()) {
    const result = results[index];
    const [latest] = entries
      .filter((entry) => entry.runId === runId)
      .sort((one, other) => other.attemptFloor - one.attemptFloor);
    if (result?.kind === 'queue_full' || result?.kind === 'user_queue_full') book.end(runId);
    else if (result?.kind !== 'queued') book.admitted(runId, latest?.acceptedAt ?? 0, 0);
    else if (!result.alreadyKnown) book.admitted(runId, latest?.acceptedAt ?? 0, result.expiresAt);
  }
}

function told({ runId, attemptFloor, priority, userId, promised }: AdmitEntry): string {
  return `${runId} of ${userId} (${priority}, floor ${attemptFloor}${promised ? ', promised' : ''})`;
}
