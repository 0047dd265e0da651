import { LEVEL_ENTRY_PERCENT, LEVEL_EXIT_HOLD_MS, LEVEL_EXIT_POINTS } from '../../shared/workflow/capacity-level.ts';
import type { Dequeued, LevelState } from '../results.ts';
import type { RedisState } from './redis-state.ts';
import type { Heard } from './step-rules.ts';

export interface Event {
  before: RedisState;
  after: RedisState;
  heard: Heard;
  dequeued: Dequeued | null;
  /** The level, if the step evaluated it. */
  level: LevelState | null;
  now: number;
}

/** Bursts of paced starts: this many seconds' worth, one at least. */
const BURST_SECONDS = 0.2;

/** What must be true over time, told step by step. Like the other rules, these do not know the model. */
export class HistoryRules {
  private now = 0;
  private setBack = false;
  private lastSequence = 0;
  private underPressure = false;
  /** Since when, without interruption, the users have been below the exit of each level. */
  private readonly belowSince: Array<number | null> = [null, null, null];
  private pacedStarts: Array<{ at: number; starts: number }> = [];

  /** The rules that are broken. */
  see(event: Event): string[] {
    this.setBack ||= event.now < this.now;
    this.now = event.now;
    const rules: Record<string, boolean> = {
      'every change of the level is announced, once, under a greater number': this.announcesChanges(event),
      'a level falls only after 10 s in a row below its exit': this.fallsSlowly(event),
      'starts are paced above normal': this.keepsPace(event),
    };
    return Object.keys(rules).filter((rule) => !rules[rule]);
  }

  private announcesChanges({ before, after, heard: { announced } }: Event): boolean {
    // A level that was lost begins anew with the clock: greater than before, unless that was set back.
    if (before.level.sequence === undefined && this.setBack) this.lastSequence = 0;
    const known = after.level.sequence !== undefined && before.level.sequence !== undefined;
    const changed = known && after.level.rank !== before.level.rank;
    const grows = announced.every(({ sequence }) => {
      const greater = sequence > this.lastSequence;
      this.lastSequence = sequence;
      return greater;
    });
    const isLatest = announced.length === 0 || String(announced.at(-1)?.sequence) === after.level.sequence;
    return grows && isLatest && announced.length <= 1 && (!changed || announced.length === 1);
  }

  private fallsSlowly({ before, after, level, now }: Event): boolean {
    if (before.level.rank === undefined) this.belowSince.fill(null);
    this.underPressure ||= after.level.pressureUntil !== undefined;
    if (level === null) return true;
    const percent = level.maxUsers === 0 ? 0 : (level.activeUsers * 100) / level.maxUsers;
    const [from, to] = [Number(before.level.rank ?? 0), Number(after.level.rank)];
    return Object.values(LEVEL_ENTRY_PERCENT).every((entry, index) => {
      const since = percent < entry - LEVEL_EXIT_POINTS ? (this.belowSince[index] ?? now) : null;
      this.belowSince[index] = since;
      const left = to <= index && index < from;
      // Pressure ends by the clock, and without a limit there is no exit.
      if (!left || level.maxUsers === 0 || (index === 0 && this.underPressure)) return true;
      return since !== null && now - since >= LEVEL_EXIT_HOLD_MS;
    });
  }

  private keepsPace({ before, after, dequeued, now }: Event): boolean {
    const perSecond = after.limits.drain_per_second ?? 0;
    const anew = before.generation !== after.generation || before.limits.drain_per_second !== perSecond;
    const setBack = now < (this.pacedStarts.at(-1)?.at ?? 0);
    if (anew || setBack) this.pacedStarts = [];
    if (!dequeued || Number(before.level.rank ?? 0) === 0) return true;
    this.pacedStarts.push({ at: now, starts: dequeued.granted.length });
    const burst = Math.max(1, perSecond * BURST_SECONDS);
    return this.pacedStarts.every(({ at }, index) => {
      const since = this.pacedStarts.slice(index).reduce((sum, { starts }) => sum + starts, 0);
      return since <= burst + ((now - at) * perSecond) / 1_000 + 1e-9;
    });
  }
}
