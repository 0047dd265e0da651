/** What a scenario's users do. */
export type Habit = 'workflows' | 'chat' | 'websocket';

/** People who come and go together. All times in seconds from the beginning of the run. */
export interface Wave {
  users: number;
  /** The first of them arrives. */
  at: number;
  /** From the first to the last arrival. */
  arriveOver: number;
  /** The first of them leaves. */
  leaveAt: number;
  leaveOver: number;
}

export interface Profile {
  about: string;
  habit: Habit;
  /** In the order of `at`; arrivals of one end before those of the next begin. */
  waves: readonly Wave[];
  /** When every socket breaks at once (s). */
  storms?: readonly number[];
}

/** Seconds from the first arrival to the last departure. */
export function durationOf(profile: Profile): number {
  return Math.max(...profile.waves.map(({ leaveAt, leaveOver }) => leaveAt + leaveOver));
}

/** Most users that are there at once. */
export function mostUsers({ waves }: Profile): number {
  const present = (at: number) =>
    waves.reduce((sum, wave) => sum + (wave.at <= at && at < wave.leaveAt + wave.leaveOver ? wave.users : 0), 0);
  return Math.max(...waves.map(({ at }) => present(at)));
}

/** Nobody arrives faster than within a second, however short a run is made. */
const SHORTEST_SECONDS = 1;

/**
 * The same shape in `timeScale` of the time, with `users` people at its top (null: as many as the profile says). Think times stay as they are: a
 * short run is less of the same load, not a harder one. Whole seconds, because artillery counts in them.
 */
export function scaled(profile: Profile, timeScale: number, users: number | null): Profile {
  const share = users === null ? 1 : users / mostUsers(profile);
  let free = 0;
  const waves = profile.waves.map((wave) => {
    const at = Math.max(free, Math.round(wave.at * timeScale));
    const arriveOver = Math.max(SHORTEST_SECONDS, Math.round(wave.arriveOver * timeScale));
    free = at + arriveOver;
    const leaveAt = Math.max(free + SHORTEST_SECONDS, Math.round(wave.leaveAt * timeScale));
    const leaveOver = Math.max(SHORTEST_SECONDS, Math.round(wave.leaveOver * timeScale));
    return { users: Math.max(1, Math.round(wave.users * share)), at, arriveOver, leaveAt, leaveOver };
  });
  const { storms } = profile;
  return { ...profile, waves, ...(storms === undefined ? {} : { storms: storms.map((at) => at * timeScale) }) };
}

/** From when to when arrival number `index` of a wave is there (s). */
export function stayOf(wave: Wave, index: number): { from: number; to: number } {
  const place = index / wave.users;
  return { from: wave.at + wave.arriveOver * place, to: wave.leaveAt + wave.leaveOver * place };
}

/** Seconds that all users together are there. */
export function userSeconds({ waves }: Profile): number {
  const ofWave = (wave: Wave) =>
    Array.from({ length: wave.users }, (_, index) => stayOf(wave, index)).reduce(
      (sum, { from, to }) => sum + to - from,
      0,
    );
  return waves.reduce((sum, wave) => sum + ofWave(wave), 0);
}

/** To which wave arrival number `n` (from 0) belongs, and which of its arrivals it is, however late it comes. */
export function placeOf(profile: Profile, n: number): { wave: Wave; index: number } {
  let index = n;
  for (const wave of profile.waves) {
    if (index < wave.users) return { wave, index };
    index -= wave.users;
  }
  throw new Error(`There is nobody after number ${n - index - 1}.`);
}
