import type { SlotLeases } from '../../redis/slot-leases.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { ROUND_DONE, type RoundResult } from './round.ts';

export interface RescueDeps {
  slots: Pick<SlotLeases, 'rescue'>;
  metrics: Metrics['runs'];
  log: Logger;
}

/**
 * Puts runs whose slot nobody renews any more back to the ready list, before everything in the queue and with their slot. False
 * rescue (of a worker that was only slow) is the worse failure, yet a harmless one: the next claim raises the attempt, which fences
 * the old worker off.
 */
export class Rescue {
  constructor(private readonly deps: RescueDeps) {}

  async round(epoch: number): Promise<RoundResult> {
    const result = await this.deps.slots.rescue(epoch);
    if (result.kind !== 'rescued') return result;
    this.deps.metrics.rescued.inc(result.runIds.length);
    for (const runId of result.runIds)
      this.deps.log.warn('run rescued: its lease had lapsed', { run_id: runId, epoch });
    return ROUND_DONE;
  }
}
