import type { Habit } from '../profiles/profile.ts';

/** Who somebody is that arrives, and what is expected of them. Times in Unix ms. */
export interface Assignment {
  userId: string;
  /** The one with whom this user talks, in scenarios with conversations; the first of two invites the second. */
  partnerId: string;
  invites: boolean;
  token: string;
  target: string;
  habit: Habit;
  region: { name: string; rttMs: number };
  leaveAt: number;
  /** When their socket breaks. */
  storms: number[];
  /** How long the end of a run is waited for after leaving (ms). */
  graceMs: number;
  /** Address of this machine to connect from; null: whichever the system picks. Nginx tells clients apart by their address. */
  from: string | null;
  workflows: { quick: string; model: string; long: string };
}
