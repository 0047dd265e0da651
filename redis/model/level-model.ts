import {
  CAPACITY_LEVELS,
  type CapacityLevel,
  LEVEL_ENTRY_PERCENT,
  LEVEL_EXIT_HOLD_MS,
  LEVEL_EXIT_POINTS,
} from '../../shared/workflow/capacity-level.ts';
import type { LevelState } from '../results.ts';

/** A level that nobody has evaluated for this long (ms) is none: whoever kept it up is gone. */
const LEVEL_LIFE_MS = 30_000;
/** One replica under pressure keeps the level at elevated or above for this long (ms) … */
const PRESSURE_LIFE_MS = 15_000;
/** … if it feels both signs at once: a slow event loop and a slow Redis (ms). */
const PRESSURE_LOOP_DELAY_MS = 200;
const PRESSURE_REDIS_LATENCY_MS = 100;

/** A trigger that is on may have been below its exit since a certain time. */
export type Trigger = 'off' | 'on' | { belowSince: number };

/**
 * The capacity level: a Schmitt trigger for each level above normal, of which the highest that is on counts. A trigger goes on at once
 * when the users reach its share of the limit; it goes off when they have been 5 points below that share for 10 s in a row.
 * Pressure of the replicas can raise the level, never lower it.
 */
export class LevelModel {
  triggers: Trigger[] = ['off', 'off', 'off'];
  pressureUntil: number | null = null;
  /** The level as last evaluated; null: never, or so long ago that it lapsed. */
  known: { level: CapacityLevel; sequence: number; since: number; evaluatedAt: number } | null = null;

  get current(): CapacityLevel {
    return this.known?.level ?? 'normal';
  }

  report(now: number, eventLoopDelayMs: number, redisLatencyMs: number): void {
    if (eventLoopDelayMs >= PRESSURE_LOOP_DELAY_MS && redisLatencyMs >= PRESSURE_REDIS_LATENCY_MS) {
      this.pressureUntil = now + PRESSURE_LIFE_MS;
    }
  }

  /** Answers the new level, and whether that is a change which has to be announced. */
  evaluate(now: number, activeUsers: number, maxUsers: number): { state: LevelState; changed: boolean } {
    const reach = (percent: number) => maxUsers > 0 && activeUsers * 100 >= percent * maxUsers;
    this.triggers = Object.values(LEVEL_ENTRY_PERCENT).map((entry, index) =>
      nextTrigger(this.triggers[index] ?? 'off', {
        now,
        enter: reach(entry),
        stay: reach(entry - LEVEL_EXIT_POINTS),
        // Without a limit (nobody has said one yet) there is no share to reach.
        possible: maxUsers > 0,
      }),
    );
    const byUsers = this.triggers.findLastIndex((trigger) => trigger !== 'off') + 1;
    const byPressure = this.pressureUntil !== null && this.pressureUntil > now ? 1 : 0;
    const level = CAPACITY_LEVELS[Math.max(byUsers, byPressure)] ?? 'normal';

    const before = this.known;
    const changed = level !== before?.level;
    // The number of a change is the next one; the first begins with the clock, to be greater than any that was forgotten.
    const sequence = before === null ? now : before.sequence + (changed ? 1 : 0);
    const since = before === null || changed ? now : before.since;
    this.known = { level, sequence, since, evaluatedAt: now };
    return { state: { level, sequence, since, activeUsers, maxUsers }, changed };
  }

  /** Time has passed: forgets what nobody has kept up. */
  lapse(now: number): void {
    if (this.known && now >= this.known.evaluatedAt + LEVEL_LIFE_MS) Object.assign(this, new LevelModel());
  }
}

function nextTrigger(
  trigger: Trigger,
  { now, enter, stay, possible }: { now: number; enter: boolean; stay: boolean; possible: boolean },
): Trigger {
  if (!possible) return 'off';
  if (enter) return 'on';
  if (trigger === 'off') return 'off';
  if (stay) return 'on';
  const belowSince = trigger === 'on' ? now : trigger.belowSince;
  return now - belowSince >= LEVEL_EXIT_HOLD_MS ? 'off' : { belowSince };
}
