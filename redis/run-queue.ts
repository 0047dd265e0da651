import { addRuns, queueScore } from './admit-arguments.ts';
import { readAdmissions } from './admit-reply.ts';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import { levelOf } from './level-state.ts';
import { leaderRefusal, REBUILDING } from './refusal.ts';
import type {
  AdmitEntry,
  Admitted,
  CancelResult,
  Dequeued,
  MoveResult,
  QueueDeparture,
  QueuedRun,
  QueuePosition,
  Rebuilding,
  StaleEpoch,
} from './results.ts';
import type { ScriptRunner } from './script-runner.ts';

/** Runs in one script: a few ms of Redis, and well below the 8,000 values Lua can unpack. */
const MAX_BATCH = 1_000;

/** What waits for a slot: the door in (admit), the way out (dequeue, cancel) and views of what is between. */
export class RunQueue {
  private readonly wake: string;
  private readonly control: string;

  constructor(
    private readonly scripts: ScriptRunner,
    keys: Keys,
  ) {
    this.wake = keys.channel('wake');
    this.control = keys.channel('control');
  }

  /** Admits runs in the order given; `results` belong to `entries` one by one. Idempotent. Sends before it returns, so two calls keep their order. */
  async admit(entries: readonly AdmitEntry[]): Promise<Admitted | Rebuilding> {
    const batches = await Promise.all(chunks(entries, MAX_BATCH).map((chunk) => this.admitBatch(chunk)));
    const admitted: Admitted = { kind: 'admitted', results: [], level: 'normal', queueLength: 0 };
    for (const batch of batches) {
      if (batch.kind === 'rebuilding') return batch;
      admitted.results = admitted.results.length === 0 ? batch.results : admitted.results.concat(batch.results);
      admitted.level = batch.level;
      admitted.queueLength = batch.queueLength;
    }
    return admitted;
  }

  /** Leader only. Expires and starts at most `max` (1 to 1000) runs each. For {@link LEASES}.permit, slots that are released then find their next run without it. */
  async dequeue(epoch: number, max: number): Promise<Dequeued | Rebuilding | StaleEpoch> {
    const reply = await this.scripts.capacity('dequeueRuns', epoch, LEASES.slot.lengthMs, max, LEASES.permit.lengthMs);
    if (typeof reply === 'number') return leaderRefusal(reply);
    const [queueLength, freeSlots, nextIn, granted, ...runs] = reply;
    const departures = pairs(runs, (runId, userId): QueueDeparture => ({ runId, userId }));
    return {
      kind: 'dequeued',
      granted: departures.slice(0, granted),
      expired: departures.slice(granted),
      queueLength,
      freeSlots,
      nextInMs: nextIn < 0 ? null : nextIn,
    };
  }

  /** After Postgres has the run as cancelled. `running_told`: its worker stops and releases; until then the slot is taken. */
  async cancel(runId: string): Promise<CancelResult | Rebuilding> {
    switch (await this.scripts.capacity('cancelRun', this.wake, this.control, runId)) {
      case 0:
        return { kind: 'unknown' };
      case 1:
        return { kind: 'removed_from_queue' };
      case 2:
        return { kind: 'running_told' };
      default:
        return REBUILDING;
    }
  }

  /** After Postgres has its new priority. `unknown`: it does not wait here (any more). */
  async move(run: Pick<AdmitEntry, 'runId' | 'acceptedAt' | 'priority'>): Promise<MoveResult | Rebuilding> {
    const reply = await this.scripts.capacity('moveRun', run.runId, queueScore(run));
    return reply < 0 ? REBUILDING : { kind: reply === 1 ? 'moved' : 'unknown' };
  }

  /** Places of runs, in the order asked for. */
  async positions(runIds: readonly string[]): Promise<QueuePosition[] | Rebuilding> {
    const replies = await Promise.all(
      chunks(runIds, MAX_BATCH).map((chunk) => this.scripts.capacity('readPositions', ...chunk)),
    );
    const numbers: number[] = [];
    for (const reply of replies) {
      if (typeof reply === 'number') return REBUILDING;
      numbers.push(...reply);
    }
    return runIds.map((runId, index) => ({
      runId,
      position: numbers[2 * index] || null,
      expiresAt: numbers[2 * index + 1] || null,
    }));
  }

  /** Ids of waiting runs in queue order, at most 1000 from `offset` (0) on. Empty while rebuilding. */
  async listQueued(offset: number, count: number): Promise<string[]> {
    return (await this.page(offset, count)).map((run) => run.runId);
  }

  /** Like {@link listQueued}, with the workflows and scores. */
  async page(offset: number, count: number): Promise<QueuedRun[]> {
    const reply = await this.scripts.capacity('listQueue', offset, Math.min(count, MAX_BATCH));
    if (typeof reply === 'number') return [];
    return Array.from({ length: reply.length / 3 }, (_, index) => {
      const [runId = '', workflowId = '', score] = reply.slice(3 * index, 3 * index + 3);
      return { runId, workflowId, score: Number(score) };
    });
  }

  private async admitBatch(entries: readonly AdmitEntry[]): Promise<Admitted | Rebuilding> {
    const args = this.scripts.begin('admitRuns');
    args.push(this.wake, LEASES.slot.lengthMs);
    addRuns(args, entries);
    const reply = await this.scripts.call('admitRuns', args);
    if (typeof reply === 'number') return REBUILDING;
    const [rank = 0, queueLength = 0] = reply;
    return { kind: 'admitted', results: readAdmissions(reply, 2), level: levelOf(rank), queueLength };
  }
}

function chunks<Item>(items: readonly Item[], size: number): Array<readonly Item[]> {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  return [items.slice(0, size), ...chunks(items.slice(size), size)];
}

function pairs<Pair>(flat: readonly string[], toPair: (first: string, second: string) => Pair): Pair[] {
  return Array.from({ length: flat.length / 2 }, (_, index) =>
    toPair(flat[2 * index] ?? '', flat[2 * index + 1] ?? ''),
  );
}
