import fc from 'fast-check';
import { PRIORITIES, type Priority } from '../../../shared/workflow/priority.ts';

/** What one user wants, and how that user goes about it; decided before anything runs. */
export interface Wish {
  /** Names it: is the payload and, where there is one, the key. */
  id: string;
  user: number;
  workflow: WorkflowKind;
  priority: Priority;
  /**
   * `once`: one try, no key. `patient`: with a key, repeats when told to. `impatient`: with a key, asks two doors at once, hangs up soon
   * and asks again.
   */
  manner: 'once' | 'patient' | 'impatient';
  /** Which doors: indexes into whatever doors there are. */
  door: number;
  otherDoor: number;
  /** An impatient client hangs up after this (ms). */
  hangUpMs: number;
  /** After the acceptance: what follows, and when (ms). */
  next: 'nothing' | 'cancel' | 'read';
  nextAfterMs: number;
  /** What becomes of the user's socket when the wish is sent. */
  socket: 'kept' | 'dropped' | 'left';
  /** Before the wish (ms). */
  pauseMs: number;
}

export const WORKFLOW_KINDS = ['calls', 'long', 'model'] as const;
export type WorkflowKind = (typeof WORKFLOW_KINDS)[number];

/** Mean time between wishes of the whole crowd (ms): about as much as the slots bear while nothing is broken. */
const MEAN_PAUSE_MS = 200;

const shares = <Value>(table: Array<[share: number, value: Value]>) =>
  fc.oneof(...table.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

/** The same seed gives the same wishes. */
export function wishesOf(seed: number, crowd: { count: number; users: number; pace: number }): Wish[] {
  const { count, users, pace } = crowd;
  const wish = fc.record({
    user: fc.nat(users - 1),
    workflow: shares<WorkflowKind>([
      [7, 'calls'],
      [2, 'long'],
      [1, 'model'],
    ]),
    priority: fc.constantFrom<Priority>(...PRIORITIES),
    manner: shares<Wish['manner']>([
      [3, 'once'],
      [3, 'patient'],
      [4, 'impatient'],
    ]),
    door: fc.nat(99),
    otherDoor: fc.nat(99),
    hangUpMs: fc.integer({ min: 30, max: 1_500 }),
    next: shares<Wish['next']>([
      [6, 'nothing'],
      [2, 'cancel'],
      [2, 'read'],
    ]),
    nextAfterMs: fc.integer({ min: 0, max: 4_000 }),
    socket: shares<Wish['socket']>([
      [93, 'kept'],
      [5, 'dropped'],
      [2, 'left'],
    ]),
    pauseMs: fc.integer({ min: 0, max: Math.round((2 * MEAN_PAUSE_MS) / pace) }),
  });
  const wishes = fc.sample(wish, { seed, numRuns: count, unbiased: true });
  return wishes.map((each, index) => ({ id: `wish-${index + 1}`, ...each }));
}
