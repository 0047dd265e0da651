import type { LevelState } from '../../redis/results.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';

/**
 * Counts changes of the capacity level from two sources: announcements, and the state read with each heartbeat, which makes up for
 * announcements missed. Each replica counts every change, so that none is lost with the one that counts.
 */
export class LevelChanges {
  private last: Pick<LevelState, 'level' | 'sequence'> | null = null;

  constructor(private readonly counter: Metrics['capacity']['levelChanges']) {}

  /** The first one is where counting begins. A level that Redis had forgotten and found again is a new sequence, but no change. */
  observe(state: Pick<LevelState, 'level' | 'sequence'>): void {
    const { last } = this;
    if (last !== null && state.sequence <= last.sequence) return;
    this.last = { level: state.level, sequence: state.sequence };
    if (last !== null && last.level !== state.level) this.counter.inc({ to: state.level });
  }
}
