import type { Evidence, FaultStory, StoredRun } from '../evidence/evidence.ts';
import { groupBy } from './group-by.ts';
import type { Violation } from './violation.ts';

/** A replica that could not tell Redis of a run. */
const NOT_TOLD = /^link-redis-(lossy|cut|refused)$/;
/** The same, when it said so: its question was still on its way. */
const TOLD_LATE = 'link-redis-slow';
/** The same, for as long as one replica had not heard yet that Redis was back, and others had. */
const REDIS_AWAY = /^redis-/;
/** Grants that no worker had claimed are gone, and are given anew. */
const GRANTS_LOST = /^redis-(emptied|restarted-empty|truncated)$|^leader-killed-rebuild-/;
/** A worker that may have taken runs, and can neither claim them nor say afterwards which grants they had. */
const WORKER_LOST = /^(replica|leader)-(killed|frozen)|^link-redis-(lossy|cut|refused)$/;
/** The line may have been late before it was told, and holds until the replica has connected again. */
const AROUND_MS = 1_000;
/** By then the leader has found a run that Redis was not told of: two comparisons of the stores. */
const FOUND_WITHIN_MS = 20_000;

interface Accepted extends StoredRun {
  startNo: number;
  /** The acceptance lies between these: the first try was sent, the first 202 arrived. */
  sentAt: number;
  knownAt: number;
  /** Until when (Unix ms) it may be overtaken, as its replica could not tell Redis; 0: not at all. */
  unplacedUntil: number;
}

/**
 * A run whose acceptance was known before another one of its priority was even asked for must start before it. Starts that were
 * under way at the same time have no order that a client could know. Runs that were executed more than once are left out, as the
 * promise says (rescued), and so are those whose first answer came late because the client had to repeat. One that was accepted by a
 * replica which alone was cut from Redis may be overtaken (docs/decisions/0014), by runs that got their slots before it had its place: until the
 * replica is back, or the leader has found it. The same holds for the second in which other replicas have heard that Redis is back and this one has
 * not. And one may be overtaken that was rescued before it was executed: its slot went with the worker that had taken it, and the word of that
 * slot with the data of Redis.
 */
export function checkOrder(evidence: Evidence): Violation[] {
  const violations: Violation[] = [];
  for (const runs of groupBy(acceptedOnce(evidence), ({ priority }) => priority).values()) {
    const bySending = runs.toSorted((a, b) => a.sentAt - b.sentAt);
    const byAnswer = runs.toSorted((a, b) => a.knownAt - b.knownAt);
    for (const run of bySending) {
      /** Of all that were known before this one was sent, the one that started last. */
      let latest: Accepted | undefined;
      for (const known of byAnswer) {
        if (known.knownAt >= run.sentAt) break;
        if (known.startNo <= Math.max(run.startNo, latest?.startNo ?? 0)) continue;
        if ((run.grantedAt ?? 0) <= known.unplacedUntil) continue;
        if (!mayBeRescued(known, run, evidence.faults)) latest = known;
      }
      if (latest !== undefined) violations.push(overtaken(run, latest));
    }
  }
  return violations;
}

/** Whether the slot of the earlier run may be its second one: its first was lost after the later run had got its own. */
function mayBeRescued(earlier: StoredRun, later: StoredRun, faults: readonly FaultStory[]): boolean {
  const [from, to] = [later.grantedAt ?? 0, earlier.grantedAt ?? 0];
  const between = faults.filter(({ appliedAt, healedAt }) => healedAt >= from && appliedAt <= to);
  return between.some(
    (loss) =>
      GRANTS_LOST.test(loss.kind) &&
      between.some(({ kind, appliedAt }) => WORKER_LOST.test(kind) && appliedAt <= loss.healedAt),
  );
}

function overtaken(run: Accepted, earlier: Accepted): Violation {
  const about =
    `${run.priority}: run ${run.id} (asked for at ${run.sentAt}, start no ${run.startNo}, slot at ${run.grantedAt}) overtook ` +
    `run ${earlier.id} (accepted by ${earlier.knownAt}, start no ${earlier.startNo}, slot at ${earlier.grantedAt})`;
  return { promise: 'order', about };
}

function acceptedOnce({ runs, starts, faults }: Evidence): Accepted[] {
  const tries = groupBy(starts, ({ wish }) => wish);
  return runs.flatMap((run) => {
    const { startNo } = run;
    const mine = tries.get(run.wish ?? '') ?? [];
    const accepted = mine.filter(({ runId }) => runId === run.id);
    if (startNo === null || run.attempt !== 1 || accepted.length === 0) return [];
    const sentAt = Math.min(...mine.map((each) => each.sentAt));
    const knownAt = Math.min(...accepted.map((each) => each.at));
    const cuts = faults.filter(({ kind, target, appliedAt, healedAt }) =>
      accepted.some(
        ({ replica, door, at, unplaced }) =>
          (target === (replica ?? door)
            ? NOT_TOLD.test(kind) || (kind === TOLD_LATE && unplaced)
            : REDIS_AWAY.test(kind) && unplaced) &&
          at >= appliedAt - AROUND_MS &&
          at <= healedAt + AROUND_MS,
      ),
    );
    const backAt = Math.max(0, ...cuts.map(({ healedAt }) => healedAt + AROUND_MS));
    return [{ ...run, startNo, sentAt, knownAt, unplacedUntil: Math.min(backAt, knownAt + FOUND_WITHIN_MS) }];
  });
}
