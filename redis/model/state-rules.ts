import { type RedisState, runOf } from './redis-state.ts';

/**
 * What must be true of the state at any time, whatever has happened. These rules do not know the model: where both are wrong in the same
 * way, these still object.
 */
export const STATE_RULES: Record<string, (state: RedisState) => boolean> = {
  'no run waits and holds a slot at once': ({ queue, slots }) => waitingRuns(queue).every((run) => !(run in slots)),

  'no run waits twice': ({ queue }) => distinct(waitingRuns(queue)),

  'whoever waits has a deadline and an entry, and nobody else has': ({ queue, queueDeadlines, entries }) =>
    sameElements(
      queue.map(([member]) => member),
      Object.keys(queueDeadlines),
    ) && sameElements(waitingRuns(queue), Object.keys(entries)),

  'the place of a run is told by its own entry': ({ queue, entries }) =>
    queue.every(([member]) => entries[runOf.member(member)]?.startsWith(seqOf(member))),

  'the queue is in order of time, then of acceptance': ({ queue }) =>
    queue.every(([member, score], index) => {
      const [before, scoreBefore] = queue[index - 1] ?? ['', Number.NEGATIVE_INFINITY];
      return scoreBefore < score || (scoreBefore === score && seqOf(before) < seqOf(member));
    }),

  'users have as many runs waiting as the queue holds of theirs': ({ entries, queuedByUser }) =>
    sameCounts(queuedByUser, Object.values(entries).map(userOf)),

  'whoever has a slot has a lease, and the other way round': ({ slots, holders }) =>
    sameElements(Object.keys(slots), Object.keys(holders)),

  'no run is twice in the ready list': ({ ready }) => distinct(ready.map(runOf.line)),

  'what is ready has a slot that nobody has taken, and says so with its floor and grant': ({ ready, holders }) =>
    ready.every((line) => {
      const run = runOf.line(line);
      const holder = holders[run];
      return holder !== undefined && line === `${run}:${holder.fence}:${holder.grant}` && holder.fence % 1 === 0;
    }),

  'what is ready stands in the order of the grants': ({ ready }) =>
    ready.every((line, index) => index === 0 || grantNo(ready[index - 1] ?? '') < grantNo(line)),

  'only runs with a slot, in the hands of a worker, are told to stop': ({ cancels, slots, ready }) =>
    cancels.every((run) => run in slots && !ready.map(runOf.line).includes(run)),

  'no two runs started as the same number': ({ holders }) =>
    distinct(Object.values(holders).map(({ grant }) => startNo(grant))),

  'no number is used before it is given': ({ generation, grantCounter, holders }) =>
    generation === null || Object.values(holders).every(({ grant }) => startNo(grant) <= grantCounter),

  'a user counts once, as long as any replica has a lease of it': ({ users, userLeases }) =>
    sameCounts(
      users,
      Object.keys(userLeases).map((lease) => lease.slice(lease.indexOf('|') + 1)),
    ),
};

/** `<granted at>:<grant number>` */
export function startNo(grant: string): number {
  return Number(grant.split(':')[1]);
}

/** Of a line of the ready list. */
function grantNo(line: string): number {
  return Number(line.slice(line.lastIndexOf(':') + 1));
}

function waitingRuns(queue: RedisState['queue']): string[] {
  return queue.map(([member]) => runOf.member(member));
}

function seqOf(member: string): string {
  return member.slice(0, member.indexOf(':') + 1);
}

/** Last part of an entry. */
function userOf(entry: string): string {
  return entry.slice(entry.lastIndexOf(':') + 1);
}

function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function sameElements(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && new Set([...one, ...other]).size === one.length;
}

/** Whether `counts` says how often each name occurs; a count of 0 is one too many. */
function sameCounts(counts: Readonly<Record<string, number>>, names: readonly string[]): boolean {
  const occurs = (name: string) => names.filter((other) => other === name).length;
  return sameElements(Object.keys(counts), [...new Set(names)]) && names.every((name) => counts[name] === occurs(name));
}
