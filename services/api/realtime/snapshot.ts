import type { ChatParticipants } from '../../../db/repositories/chat-participants.ts';
import type { LeanRun } from '../../../db/repositories/run-row.ts';
import type { RunReading } from '../../../db/repositories/runs-reading.ts';
import type { LevelState } from '../../../redis/results.ts';
import type { EventData } from '../../../shared/protocol/events.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { queuePlace } from '../admission/queue-place.ts';
import type { QueuePlaces } from '../admission/queue-places.ts';
import type { FeatureWatch } from '../features/feature-watch.ts';
import { capacityOf } from './level-frames.ts';
import type { LevelWatch } from './level-watch.ts';

/** Chats in a snapshot at most, the latest joined. */
const MAX_CHATS = 100;

export interface SnapshotDeps {
  replica: string;
  runs: Pick<RunReading, 'active'>;
  places: Pick<QueuePlaces, 'of'>;
  participants: Pick<ChatParticipants, 'chatsOf'>;
  level: Pick<LevelWatch, 'known'>;
  features: Pick<FeatureWatch, 'disabled'>;
  /** Name of the model provider in use; null: not known. */
  activeProvider(): string | null;
}

/** Everything a client needs that has missed events: the user's queued and running runs and the state of the cluster. */
export class Snapshots {
  constructor(private readonly deps: SnapshotDeps) {}

  /**
   * Rejects when Postgres cannot be asked. Without Redis there are gaps: no positions, no capacity. `redisAway`: not asked, as every
   * question would take its timeout.
   */
  async of(userId: string, redisAway: boolean): Promise<EventData<'SNAPSHOT'>> {
    const [runs, chats] = await Promise.all([
      this.deps.runs.active(userId),
      this.deps.participants.chatsOf(userId, { limit: MAX_CHATS }),
    ]);
    const places = redisAway ? unknownPlaces(runs) : await this.deps.places.of(runs);
    return {
      recovered: false,
      replica: this.deps.replica,
      user_id: userId,
      runs: runs.map((run) => ({
        run_id: run.id,
        workflow_id: run.workflowId,
        workflow_name: run.workflowName,
        status: run.status,
        priority: run.priority,
        current_step: run.currentStep,
        step_count: run.stepCount,
        accepted_at: run.acceptedAt.toISOString(),
        started_at: run.startedAt?.toISOString() ?? null,
        queue: places.get(run.id) ?? null,
      })),
      ...(redisAway ? this.clusterAt(null) : await this.cluster()),
      provider: { active: this.deps.activeProvider() },
      chats: chats.map(({ runId, lastSeq, readSeq }) => ({ run_id: runId, last_seq: lastSeq, read_seq: readSeq })),
    };
  }

  /** The part that a resumed client needs too: it is not in the stream. */
  async cluster(): Promise<Cluster> {
    return this.clusterAt(await this.deps.level.known());
  }

  private clusterAt(level: LevelState | null): Cluster {
    return {
      capacity: level === null ? null : capacityOf(level),
      features: { disabled: this.deps.features.disabled },
    };
  }
}

type Cluster = Pick<EventData<'SNAPSHOT'>, 'capacity' | 'features'>;

function unknownPlaces(runs: readonly LeanRun[]): Map<string, QueuePlace> {
  const queued = runs.filter((run) => run.status === 'queued');
  return new Map(queued.map((run) => [run.id, queuePlace(null, run.expiresAt, null)]));
}
