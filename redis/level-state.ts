import { CAPACITY_LEVELS, type CapacityLevel } from '../shared/workflow/capacity-level.ts';
import type { LevelReply } from './registry.ts';
import type { LevelState } from './results.ts';

/** The level as the scripts write it: its rank in order of severity. */
export function levelOf(rank: number): CapacityLevel {
  const level = CAPACITY_LEVELS[rank];
  if (level === undefined) throw new RangeError(`There is no capacity level ${rank}.`);
  return level;
}

export function toLevelState([rank, sequence, since, activeUsers, maxUsers]: LevelReply): LevelState {
  return { level: levelOf(rank), sequence, since, activeUsers, maxUsers };
}
