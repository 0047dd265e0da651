import type { LeanRun } from '../../../db/repositories/run-row.ts';
import type { RunReading } from '../../../db/repositories/runs-reading.ts';
import type { LevelState } from '../../../redis/results.ts';
import type { EventData } from '../../../shared/protocol/events.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import { queuePlace } from '../admission/queue-place.ts';
import type { QueuePlaces } from '../admission/queue-places.ts';
import { capacityOf, disabledComforts } from './level-frames.ts';
import type { LevelWatch } from './level-watch.ts';

export interface SnapshotDeps {
  replica: string;
  runs: Pick<RunReading, 'active'>;
  places: Pick<QueuePlaces, 'of'>;
  level: Pick<LevelWatch, 'known'>;
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
    const runs = await this.deps.runs.active(userId);
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
      ...(redisAway ? clusterOf(null) : await this.cluster()),
      provider: { active: this.deps.activeProvider() },
    };
  }

  /** The part that a resumed client needs too: it is not in the stream. */
  async cluster(): Promise<Cluster> {
    return clusterOf(await this.deps.level.known());
  }
}

type Cluster = Pick<EventData<'SNAPSHOT'>, 'capacity' | 'features'>;

function clusterOf(level: LevelState | null): Cluster {
  return {
    capacity: level === null ? null : capacityOf(level),
    features: { disabled: level === null ? [] : disabledComforts(level.level) },
  };
}

function unknownPlaces(runs: readonly LeanRun[]): Map<string, QueuePlace> {
  const queued = runs.filter((run) => run.status === 'queued');
  return new Map(queued.map((run) => [run.id, queuePlace(null, run.expiresAt, null)]));
}
