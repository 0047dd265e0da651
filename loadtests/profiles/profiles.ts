import type { Profile, Wave } from './profile.ts';

const MINUTE = 60;

/** `users` come within `ramp`, stay, and are gone after `duration` (s). */
function plateau(users: number, duration: number, ramp: number, leaveOver = 5): Wave[] {
  return [{ users, at: 0, arriveOver: ramp, leaveAt: duration - leaveOver, leaveOver }];
}

/** A hundred all the time, nine hundred more for two minutes, three times. */
function spikes(): Wave[] {
  const cycle = 3 * MINUTE;
  const crowd = [0, 1, 2].map((n) => ({
    users: 900,
    at: MINUTE + n * cycle,
    arriveOver: 10,
    leaveAt: MINUTE + n * cycle + 2 * MINUTE,
    leaveOver: 10,
  }));
  return [{ users: 100, at: 0, arriveOver: 30, leaveAt: 10 * MINUTE, leaveOver: 5 }, ...crowd];
}

/** Two hundred more every thirty seconds, up to two thousand. */
function stairs(): Wave[] {
  return Array.from({ length: 10 }, (_, step) => ({
    users: 200,
    at: step * 30,
    arriveOver: 10,
    leaveAt: 5 * MINUTE,
    leaveOver: 10,
  }));
}

/** The load profiles of the product's documents, at full length. */
export const PROFILES = {
  smoke: { about: 'five users for half a minute: does everything work?', habit: 'workflows', waves: plateau(5, 30, 5) },
  baseline: { about: '100 users, 5 minutes', habit: 'workflows', waves: plateau(100, 5 * MINUTE, MINUTE) },
  normal: { about: '500 users, 10 minutes', habit: 'workflows', waves: plateau(500, 10 * MINUTE, 2 * MINUTE) },
  peak: { about: '1,000 users, 15 minutes', habit: 'workflows', waves: plateau(1_000, 15 * MINUTE, 3 * MINUTE) },
  stress: { about: '200 more every 30 s up to 2,000: where does it break?', habit: 'workflows', waves: stairs() },
  spike: { about: '100 → 1,000 → 100 users, three times', habit: 'workflows', waves: spikes() },
  soak: {
    about: '500 users, 30 minutes: does anything grow?',
    habit: 'workflows',
    waves: plateau(500, 30 * MINUTE, 2 * MINUTE),
  },
  'reconnect-storm': {
    about: '500 users whose sockets all break at once, three times',
    habit: 'workflows',
    waves: plateau(500, 200, 30),
    storms: [60, 105, 150],
  },
  chat: { about: '50 users in conversations, 5 minutes', habit: 'chat', waves: plateau(50, 5 * MINUTE, 30) },
  websocket: {
    about: '1,000 sockets, 5 minutes, little said',
    habit: 'websocket',
    waves: plateau(1_000, 5 * MINUTE, MINUTE),
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}
