import type { LeanRun } from '../../../db/repositories/run-row.ts';
import type { RunQueue } from '../../../redis/run-queue.ts';
import type { QueuePlace } from '../../../shared/protocol/http.ts';
import type { CapacityView } from './capacity-view.ts';
import { queuePlace } from './queue-place.ts';

/** Looks up where runs stand in the queue. */
export class QueuePlaces {
  constructor(private readonly deps: { queue: Pick<RunQueue, 'positions'>; view: Pick<CapacityView, 'curve'> }) {}

  /**
   * Place of every queued run among `runs`, by id. A run without an entry waits for nothing: it is not queued, or it has
   * its slot and is about to start. While Redis is away all queued ones have a place with `position: null`.
   */
  async of(runs: ReadonlyArray<Pick<LeanRun, 'id' | 'status' | 'expiresAt'>>): Promise<Map<string, QueuePlace>> {
    const queued = runs.filter((run) => run.status === 'queued');
    if (queued.length === 0) return new Map();
    const positions = await this.deps.queue
      .positions(queued.map((run) => run.id))
      .then((answer) => (Array.isArray(answer) ? answer : null))
      .catch(() => null);
    if (positions === null) return new Map(queued.map((run) => [run.id, queuePlace(null, run.expiresAt, null)]));
    const curve = await this.deps.view.curve();
    const places = new Map<string, QueuePlace>();
    queued.forEach((run, index) => {
      const place = positions[index];
      if (place?.position != null)
        places.set(run.id, queuePlace(place.position, place.expiresAt ?? run.expiresAt, curve));
    });
    return places;
  }
}
