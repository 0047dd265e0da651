/** The promises the checker holds a history to, in the words of the project. */
export const PROMISES = {
  ends: 'every accepted run ends in exactly one final state',
  accepted: 'none accepted is missing',
  refused: 'none refused exists',
  keys: 'the same Idempotency-Key never made two runs',
  slots: 'at no instant more than the limit hold slots',
  effects: 'a step’s effect is committed once; only a step in flight is executed again',
  order: 'start order within a priority equals acceptance order',
  events: 'every client’s events have no gap and no repeat, or a snapshot in between',
  users: 'the user count returns to the truth, lease_drift is 0 at rest',
  answers: 'no 5xx but 503 with Retry-After',
} as const;

export type PromiseName = keyof typeof PROMISES;

export interface Violation {
  promise: PromiseName;
  /** The evidence: ids, times, numbers. */
  about: string;
}
