import type { LevelState } from '../../../redis/results.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { type CapacityLevel, levelRank } from '../../../shared/workflow/capacity-level.ts';
import { ownFrame, type WireFrame } from './wire-frame.ts';

/** Capacity as frames carry it. */
export function capacityOf(state: LevelState) {
  return { level: state.level, active_users: state.activeUsers, max_users: state.maxUsers };
}

/**
 * What somebody who knows of level `from` has to hear when it is `state.level` now: the warning once for all the time above normal, and its
 * end. What the level does to comforts is told on its own: feature-frames.ts.
 */
export function levelFrames(from: CapacityLevel, state: LevelState): WireFrame[] {
  const frames: WireFrame[] = [];
  const crosses = (threshold: CapacityLevel): 'up' | 'down' | null => {
    const [before, now] = [levelRank(from), levelRank(state.level)].map((rank) => rank >= levelRank(threshold));
    return before === now ? null : now ? 'up' : 'down';
  };
  const capacity = capacityOf(state);
  if (crosses('elevated') === 'up')
    frames.push(ownFrame('CAPACITY_WARNING', { message: TEXTS.highDemand, ...capacity }));
  if (crosses('elevated') === 'down') {
    frames.push(ownFrame('CAPACITY_CLEARED', { message: TEXTS.capacityNormal, ...capacity }));
  }
  return frames;
}
