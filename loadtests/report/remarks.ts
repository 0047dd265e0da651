import type { Summary } from '../measure/summary.ts';
import { breakingPoint, CROWD, type Verdict } from '../thresholds.ts';
import { figure } from './figures.ts';

/** What the figures mean, in sentences for people. */
export function remarks({ points, users }: Pick<Summary, 'points' | 'users'>, verdicts: readonly Verdict[]): string[] {
  const broke = breakingPoint(points);
  const target =
    broke === null
      ? 'At no point was it beyond the targets for long.'
      : `First beyond the targets for long at second ${broke.t}, with ${figure(broke.users)} users; beyond them in ${figure(Math.round(broke.share * 100))} % of the time.`;
  if (!verdicts.some(({ name, holds }) => name === CROWD && !holds)) return [target];
  return [
    target,
    `The users asked for were there for only ${figure(Math.floor(users.presence * 100))} % of their time (${figure(users.most)} of ${figure(users.wanted)} at once): they came late, or the run was ended early, so the load was not the one asked for. If nobody ended it, the machine that plays users is too slow or too busy: more WORKERS where processors are idle, fewer USERS, a larger TIME_SCALE, or a faster TOKEN_COMMAND (each worker waits for four at a time).`,
  ];
}
