import type { LevelState } from '../../../redis/results.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { type CapacityLevel, COMFORTS, type Comfort, levelRank } from '../../../shared/workflow/capacity-level.ts';
import { ownFrame, type WireFrame } from './wire-frame.ts';

/** Comforts that are off at a level. */
export function disabledComforts(level: CapacityLevel): Comfort[] {
  return levelRank(level) >= levelRank('degraded') ? [...COMFORTS] : [];
}

/** Capacity as frames carry it. */
export function capacityOf(state: LevelState) {
  return { level: state.level, active_users: state.activeUsers, max_users: state.maxUsers };
}

/**
 * What somebody who knows of level `from` has to hear when it is `state.level` now: the warning once for all the time above
 * normal, the pause of comforts once for all the time at degraded and above, and the end of each, innermost first.
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
  if (crosses('degraded') === 'up') {
    frames.push(ownFrame('DEGRADED_MODE_ACTIVE', { message: TEXTS.degraded, disabled: [...COMFORTS] }));
  }
  if (crosses('degraded') === 'down') {
    frames.push(ownFrame('DEGRADED_MODE_CLEARED', { message: TEXTS.degradedCleared, enabled: [...COMFORTS] }));
  }
  if (crosses('elevated') === 'down') {
    frames.push(ownFrame('CAPACITY_CLEARED', { message: TEXTS.capacityNormal, ...capacity }));
  }
  return frames;
}
