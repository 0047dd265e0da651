import { isDeepStrictEqual } from 'node:util';
import { CAPACITY_LEVELS, LEVEL_ENTRY_PERCENT, levelRank } from '../../shared/workflow/capacity-level.ts';
import { PRIORITY_BOOST_MS } from '../../shared/workflow/priority.ts';
import type { Admitted, Dequeued, LevelState, QueueDeparture, RunAttempt, UsersJoined } from '../results.ts';
import { type RedisState, runOf } from './redis-state.ts';
import type { RunBook } from './run-book.ts';
import { startNo } from './state-rules.ts';

/** What was published during one step. */
export interface Heard {
  wakes: number;
  announced: LevelState[];
  toldToStop: string[];
}

/** What was seen of one step. */
export interface Seen {
  before: RedisState;
  after: RedisState;
  /** The store's answer, and the attempts in whose names it was asked. */
  answer: unknown;
  attempts: readonly RunAttempt[];
  /** Of the leader that did it; null: it was none. */
  epoch: number | null;
  heard: Heard;
  now: number;
  book: RunBook;
}

/** What must be true of every single step, whatever it was. Like the state's rules, these do not know the model. */
export const STEP_RULES: Record<string, (seen: Seen) => boolean> = {
  'a leader that is not the latest is refused and changes nothing': ({ before, after, epoch, answer }) =>
    epoch === null ||
    epoch >= before.epoch ||
    ((isKind(answer, 'stale_epoch') || isKind(answer, 'rebuilding')) && same(before, after)),

  'while rebuilding nothing is decided': ({ before, after, answer }) =>
    !isKind(answer, 'rebuilding') || same({ ...before, epoch: 0 }, { ...after, epoch: 0 }),

  'a slot is given only within the limit': (seen) =>
    started(seen).length === 0 || Object.keys(seen.after.slots).length <= (seen.after.limits.max_workflows ?? 0),

  'new limits take no slot away, nor any place': ({ before, after }) =>
    same(before.limits, after.limits) ||
    after.generation === null ||
    before.generation !== after.generation ||
    same([before.slots, before.holders, before.queue], [after.slots, after.holders, after.queue]),

  'start numbers go on one by one': (seen) => {
    const numbers = started(seen).map((run) => startNo(seen.after.holders[run]?.grant ?? ''));
    const counted = seen.after.grantCounter - numbers.length;
    return same(
      numbers.sort((one, other) => one - other),
      numbers.map((_, index) => counted + index + 1),
    );
  },

  'numbers are given in the order of the queue, and to nobody while an earlier one waits': (seen) =>
    ascending([...leftQueue(seen), ...waiting(seen.after)].map(turnOf(seen.book))) || leftQueue(seen).length === 0,

  'who starts at the door finds nobody waiting before': (seen) =>
    !isAdmitted(seen.answer) || started(seen).length === 0 || waiting(seen.before).every((run) => !waits(seen, run)),

  'within a priority, the queue is in the order of acceptance': ({ after, book }) =>
    Object.keys(PRIORITY_BOOST_MS).every((priority) =>
      ascending(
        waiting(after)
          .map((run) => book.find(run))
          .filter((run) => run?.priority === priority)
          .map((run) => [run?.acceptedAt ?? 0, run?.seq ?? 0]),
      ),
    ),

  'a wait that is over does not start': (seen) => leftQueue(seen).every((run) => deadline(seen.before, run) > seen.now),

  'without a leader’s answer or word, nobody who waits starts': (seen) => {
    const [epoch, until] = (seen.before.permit ?? '').split(':').map(Number);
    const itsWord = epoch === seen.before.epoch && (until ?? 0) > seen.now && Number(seen.before.level.rank ?? 0) === 0;
    return isDequeued(seen.answer) || itsWord || leftQueue(seen).length === 0;
  },

  'a wait ends only when it is over, and never that of a run that has started': ({ answer, before, now }) =>
    !isDequeued(answer) ||
    answer.expired.map(runIdOf).every((run) => deadline(before, run) <= now && !(run in before.slots)),

  'an attempt that is shut out changes nothing of its run': (seen) => {
    const { before, after, attempts } = seen;
    const heeded = new Set(
      attempts
        .filter(({ runId, attempt }) => attempt > (before.holders[runId]?.fence ?? Number.POSITIVE_INFINITY))
        .map(({ runId }) => runId),
    );
    // It may be the first of those who wait for the slot that another run gives back.
    const started = heeded.size > 0 ? leftQueue(seen) : [];
    return attempts.every(
      ({ runId }) => heeded.has(runId) || started.includes(runId) || same(slotOf(before, runId), slotOf(after, runId)),
    );
  },

  // A rebuild knows of handing over only what Postgres knows: that the next attempt has been claimed.
  'a fence never goes down while the run has its slot': ({ before, after }) =>
    before.generation !== after.generation ||
    Object.entries(before.holders).every(([run, { grant, fence }]) => {
      const holder = after.holders[run];
      return holder === undefined || holder.grant !== grant || holder.fence >= fence;
    }),

  'no slot is rescued before its lease has lapsed, nor while its run is ready': ({ answer, before, now }) =>
    !isRescued(answer) ||
    answer.runIds.every((run) => (before.slots[run] ?? 0) <= now && !before.ready.map(runOf.line).includes(run)),

  'whoever comes to wait, or to wait for a free slot, is made known to the leader': ({
    before,
    after,
    answer,
    heard,
  }) =>
    isDequeued(answer) ||
    heard.wakes > 0 ||
    ((awaited(before).leader || !awaited(after).leader) && (awaited(before).slot || !awaited(after).slot)),

  'the leader is told when to come again, at the latest with the next token if a slot is free': ({ after, answer }) =>
    !isDequeued(answer) ||
    after.queue.length === 0 ||
    (answer.nextInMs !== null &&
      (!awaited(after).slot || answer.nextInMs <= Math.ceil(1_000 / (after.limits.drain_per_second ?? 1)))),

  'nobody new comes in beyond the hard limit': ({ before, after }) => {
    const { hard_limit_users = 0, max_users = Number.POSITIVE_INFINITY } = after.limits;
    const users = Object.keys(after.users).length;
    return users <= Object.keys(before.users).length || users <= (hard_limit_users || 2 * max_users);
  },

  'a level is there as soon as the users call for it': ({ answer }) => {
    const level = levelIn(answer);
    if (level === undefined || level.maxUsers === 0) return true;
    const percent = (level.activeUsers * 100) / level.maxUsers;
    const called = Object.values(LEVEL_ENTRY_PERCENT).filter((entry) => percent >= entry).length;
    return levelRank(level.level) >= called;
  },
};

const same = isDeepStrictEqual;
const runIdOf = ({ runId }: QueueDeparture) => runId;

function isKind(answer: unknown, kind: string): boolean {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === kind;
}
export function isDequeued(answer: unknown): answer is Dequeued {
  return isKind(answer, 'dequeued');
}
function isAdmitted(answer: unknown): answer is Admitted {
  return isKind(answer, 'admitted');
}
function isRescued(answer: unknown): answer is { runIds: string[] } {
  return isKind(answer, 'rescued');
}
/** The level in an answer of those that evaluate it. */
export function levelIn(answer: unknown): LevelState | undefined {
  if (isKind(answer, 'joined')) return (answer as UsersJoined).level;
  const level = answer as Partial<LevelState> | null | undefined;
  return CAPACITY_LEVELS.some((name) => name === level?.level) && level?.maxUsers !== undefined
    ? (level as LevelState)
    : undefined;
}

/** Runs that have been given a slot; those a rebuild brings back have theirs already. */
function started({ before, after }: Seen): string[] {
  if (before.generation === null || before.generation !== after.generation) return [];
  return Object.keys(after.holders).filter((run) => after.holders[run]?.grant !== before.holders[run]?.grant);
}

/** Runs that waited and have been given a slot, in the order of their numbers. */
function leftQueue(seen: Seen): string[] {
  const { answer, before, after } = seen;
  if (isDequeued(answer)) return answer.granted.map(runIdOf);
  // At the door a run may begin a new life, which has not waited.
  if (isAdmitted(answer)) return [];
  const number = (run: string) => startNo(after.holders[run]?.grant ?? '');
  return started(seen)
    .filter((run) => before.entries[run] !== undefined)
    .sort((one, other) => number(one) - number(other));
}

/** Whether somebody waits: for the leader, and for a slot that is free. */
function awaited({ generation, queue, slots, limits }: RedisState): { leader: boolean; slot: boolean } {
  const leader = generation !== null && queue.length > 0;
  return { leader, slot: leader && Object.keys(slots).length < (limits.max_workflows ?? 0) };
}

function waiting({ queue }: RedisState): string[] {
  return queue.map(([member]) => runOf.member(member));
}

/** Whether a run that waited before the step waits on, in the same life. */
function waits({ before, after }: Seen, run: string): boolean {
  return after.entries[run] !== undefined && after.entries[run] === before.entries[run];
}

function deadline({ queueDeadlines }: RedisState, run: string): number {
  const member = Object.keys(queueDeadlines).find((other) => runOf.member(other) === run);
  return queueDeadlines[member ?? ''] ?? Number.NaN;
}

function slotOf({ slots, holders, ready }: RedisState, run: string): unknown[] {
  return [slots[run], holders[run], ready.filter((line) => runOf.line(line) === run)];
}

/** What decides whose turn it is: the time of acceptance less the priority's head start, then the order of acceptance. */
function turnOf(book: RunBook): (runId: string) => number[] {
  return (runId) => {
    const run = book.find(runId);
    return run ? [run.acceptedAt - PRIORITY_BOOST_MS[run.priority], run.seq] : [];
  };
}

function ascending(pairs: ReadonlyArray<readonly number[]>): boolean {
  return pairs.every(([time = 0, seq = 0], index) => {
    const [timeBefore = Number.NEGATIVE_INFINITY, seqBefore = 0] = pairs[index - 1] ?? [];
    return timeBefore < time || (timeBefore === time && seqBefore < seq);
  });
}
