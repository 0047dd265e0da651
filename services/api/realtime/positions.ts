import type { RunReading } from '../../../db/repositories/runs-reading.ts';
import type { EstimateCurve, QueuePosition } from '../../../redis/results.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { EventData, EventFrame } from '../../../shared/protocol/events.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { queuePlace } from '../admission/queue-place.ts';
import type { LocalUser, ToldPlace } from './local-user.ts';
import { placeChanged } from './place-change.ts';
import { ownFrame } from './wire-frame.ts';

/** Between two rounds (ms), which makes at most one frame a second per user. */
const ROUND_MS = 1_000;
/** Users whose waiting runs are loaded from Postgres per round: a cluster that reconnects is served over seconds. */
const LOADS_PER_ROUND = 200;
const LOADS_AT_ONCE = 4;
/** Rounds in which the queue did not know a run, after which Postgres is asked whether it still waits. */
const RELOAD_AFTER_MISSES = 10;

export interface PositionsDeps {
  users: ReadonlyMap<string, LocalUser>;
  runs: Pick<RunReading, 'active'>;
  queue: Pick<RunQueue, 'positions'>;
  /** The leader's estimates; may be some hundred ms old. */
  curve(): Promise<EstimateCurve | null>;
  log: Logger;
}

type Asked = [user: LocalUser, runId: string, told: ToldPlace];
type Change = EventData<'WORKFLOW_POSITION'>['runs'][number];

/** Tells users with waiting runs where these stand: exact, at most once a second, and only what changed. */
export class Positions {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;

  constructor(private readonly deps: PositionsDeps) {}

  start(): void {
    this.timer ??= setInterval(() => {
      // A round that takes longer than the interval is not overtaken.
      this.round ??= this.tell()
        .catch((error: unknown) => this.deps.log.debug('no positions this round', { error }))
        .finally(() => {
          this.round = undefined;
        });
    }, ROUND_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.round;
  }

  /** A socket got these runs with their places. Only the user's single socket makes them known to all of the user's sockets. */
  onSnapshot(user: LocalUser, runs: EventData<'SNAPSHOT'>['runs']): void {
    user.waiting ??= new Map();
    for (const { run_id, queue, status } of runs) {
      if (status !== 'queued' || user.waiting.has(run_id)) continue;
      user.waiting.set(run_id, queue !== null && user.connections.length === 1 ? toldNow(queue) : neverTold());
    }
  }

  /** A socket may have missed places: the next round tells all of them again. */
  retell(user: LocalUser): void {
    for (const told of user.waiting?.values() ?? []) Object.assign(told, neverTold());
  }

  /** Keeps the set of waiting runs by the user's events. */
  onFrame(user: LocalUser, frame: EventFrame): void {
    switch (frame.type) {
      case 'WORKFLOW_QUEUED':
        return void user.waiting?.set(frame.data.run_id, toldNow(frame.data));
      case 'WORKFLOW_STARTING':
      case 'WORKFLOW_COMPLETED':
      case 'WORKFLOW_FAILED':
      case 'WORKFLOW_CANCELLED':
      case 'WORKFLOW_QUEUE_TIMEOUT':
        return void user.waiting?.delete(frame.data.run_id);
    }
  }

  private async tell(): Promise<void> {
    const asked: Asked[] = [];
    const unknown: LocalUser[] = [];
    for (const user of this.deps.users.values()) {
      if (user.waiting === null && unknown.length < LOADS_PER_ROUND) unknown.push(user);
      for (const [runId, told] of user.waiting ?? []) asked.push([user, runId, told]);
    }
    for (let i = 0; i < unknown.length; i += LOADS_AT_ONCE) {
      await Promise.all(unknown.slice(i, i + LOADS_AT_ONCE).map((user) => this.load(user)));
    }
    if (asked.length === 0) return;
    const curve = await this.deps.curve();
    const positions = await this.deps.queue.positions(asked.map(([, runId]) => runId));
    if (!Array.isArray(positions)) return;
    const changes = new Map<LocalUser, Change[]>();
    for (const [index, entry] of asked.entries()) this.compare(entry, positions[index], curve, changes);
    for (const [user, runs] of changes) this.send(user, runs);
    await this.reload(asked);
  }

  private compare(
    [user, runId, told]: Asked,
    found: QueuePosition | undefined,
    curve: EstimateCurve | null,
    changes: Map<LocalUser, Change[]>,
  ): void {
    if (found === undefined || found.position === null || found.expiresAt === null) {
      told.missed += 1;
      return;
    }
    told.missed = 0;
    const place = queuePlace(found.position, found.expiresAt, curve);
    if (!placeChanged(told, place, Date.now())) return;
    Object.assign(told, toldNow(place));
    const known = changes.get(user);
    if (known) known.push({ run_id: runId, ...place });
    else changes.set(user, [{ run_id: runId, ...place }]);
  }

  private send(user: LocalUser, runs: Change[]): void {
    // While the queue was asked a run may have started, and its owner heard so.
    const waiting = runs.filter((run) => user.waiting?.has(run.run_id));
    if (waiting.length === 0) return;
    const frame = ownFrame('WORKFLOW_POSITION', { runs: waiting });
    for (const connection of user.connections) if (connection.phase === 'live') connection.send(frame);
  }

  /** Runs the queue has not known for a while: about to start, not admitted yet because Redis was away, or ended unheard. */
  private async reload(asked: Asked[]): Promise<void> {
    const users = new Set(asked.filter(([, , told]) => told.missed >= RELOAD_AFTER_MISSES).map(([user]) => user));
    for (const user of [...users].slice(0, LOADS_PER_ROUND)) {
      const runs = await this.deps.runs.active(user.id);
      const queued = new Set(runs.filter((run) => run.status === 'queued').map((run) => run.id));
      for (const [runId, told] of user.waiting ?? []) {
        if (told.missed < RELOAD_AFTER_MISSES) continue;
        if (queued.has(runId)) told.missed = 0;
        else user.waiting?.delete(runId);
      }
    }
  }

  private async load(user: LocalUser): Promise<void> {
    // Before the question, so that what is queued while it is answered is kept.
    user.waiting = new Map();
    try {
      for (const run of await this.deps.runs.active(user.id)) {
        if (run.status === 'queued' && !user.waiting.has(run.id)) user.waiting.set(run.id, neverTold());
      }
    } catch {
      user.waiting = null;
    }
  }
}

function toldNow(place: QueuePlace): ToldPlace {
  return {
    position: place.position,
    estimatedWaitSeconds: place.estimated_wait_seconds,
    expiresAt: place.expires_at,
    toldAt: Date.now(),
    missed: 0,
  };
}

function neverTold(): ToldPlace {
  return { position: null, estimatedWaitSeconds: null, expiresAt: '', toldAt: 0, missed: 0 };
}
