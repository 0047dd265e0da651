import type { Evidence, FaultStory, StoredRun } from '../evidence/evidence.ts';
import { groupBy } from './group-by.ts';
import type { Violation } from './violation.ts';

/** Kinds of faults after which runs that no worker had claimed are granted anew. */
const LOSS_OF_GRANTS = /^redis-(emptied|restarted-empty|truncated)$|^leader-killed-rebuild-/;

interface Accepted extends StoredRun {
  startNo: number;
  /** The acceptance lies between these: the first try was sent, the first 202 arrived. */
  sentAt: number;
  knownAt: number;
  /** By a replica that could not tell Redis. */
  unplaced: boolean;
}

/**
 * A run whose acceptance was known before another one of its priority was even asked for must start before it. Starts that were
 * under way at the same time have no order that a client could know. Runs that were executed more than once are left out, as the
 * promise says (rescued), and so are those whose first answer came late because the client had to repeat. One that was accepted by a
 * replica which alone was cut from Redis may be overtaken: it has its place when the replica is back, or the leader finds it. So may one
 * whose grant went with the data of Redis before a worker could claim it, by those that were claimed: that is a rescue too.
 */
export function checkOrder(evidence: Evidence): Violation[] {
  const violations: Violation[] = [];
  const losses = evidence.faults.filter(({ kind }) => LOSS_OF_GRANTS.test(kind));
  for (const runs of groupBy(acceptedOnce(evidence), ({ priority }) => priority).values()) {
    const bySending = runs.toSorted((a, b) => a.sentAt - b.sentAt);
    const byAnswer = runs.toSorted((a, b) => a.knownAt - b.knownAt);
    for (const run of bySending) {
      /** Of all that were known before this one was sent, the one that started last. */
      let latest: Accepted | undefined;
      for (const known of byAnswer) {
        if (known.knownAt >= run.sentAt) break;
        if (known.startNo <= Math.max(run.startNo, latest?.startNo ?? 0)) continue;
        if (!known.unplaced && !losses.some((loss) => isBetween(loss, run, known))) latest = known;
      }
      if (latest !== undefined) violations.push(overtaken(run, latest));
    }
  }
  return violations;
}

/** Whether the grant of the earlier run may be its second one: the first went with the data of Redis, after the later run had its own. */
function isBetween(loss: FaultStory, later: StoredRun, earlier: StoredRun): boolean {
  return loss.healedAt >= (later.grantedAt ?? 0) && loss.appliedAt <= (earlier.grantedAt ?? 0);
}

function overtaken(run: Accepted, earlier: Accepted): Violation {
  const about =
    `${run.priority}: run ${run.id} (asked for at ${run.sentAt}, start no ${run.startNo}, slot at ${run.grantedAt}) overtook ` +
    `run ${earlier.id} (accepted by ${earlier.knownAt}, start no ${earlier.startNo}, slot at ${earlier.grantedAt})`;
  return { promise: 'order', about };
}

/** The line may have been late before it was told, and holds until the replica has connected again. */
const AROUND_MS = 1_000;

function acceptedOnce({ runs, starts, faults }: Evidence): Accepted[] {
  const tries = groupBy(starts, ({ wish }) => wish);
  return runs.flatMap((run) => {
    const { startNo } = run;
    const mine = tries.get(run.wish ?? '') ?? [];
    const accepted = mine.filter(({ runId }) => runId === run.id);
    if (startNo === null || run.attempt !== 1 || accepted.length === 0) return [];
    const sentAt = Math.min(...mine.map((each) => each.sentAt));
    const knownAt = Math.min(...accepted.map((each) => each.at));
    const unplaced = accepted.some(({ replica, door, at }) =>
      faults.some(
        ({ kind, target, appliedAt, healedAt }) =>
          kind.startsWith('link-redis-') &&
          target === (replica ?? door) &&
          at >= appliedAt - AROUND_MS &&
          at <= healedAt + AROUND_MS,
      ),
    );
    return [{ ...run, startNo, sentAt, knownAt, unplaced }];
  });
}
