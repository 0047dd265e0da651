import type { Connection } from './connection.ts';

/** A user with sockets in this process, and what the parts of the hub know of it. One small object per user. */
export interface LocalUser {
  readonly id: string;
  /** Few: a person's tabs. */
  readonly connections: Connection[];
  /** Subscription to the user's channel; null: to be made (again). Owner: fanout. */
  subscription: Promise<void> | null;
  /** When the stream's position is compared next (`Date.now()`). Owner: stream watch. */
  streamCheckAt: number;
  /** Places of waiting runs by run id, as last told; null: not loaded. Owner: positions. */
  waiting: Map<string, ToldPlace> | null;
}

/** A run's place in the queue as its owner last heard it. */
export interface ToldPlace {
  /** null: never told. */
  position: number | null;
  estimatedWaitSeconds: number | null;
  expiresAt: string;
  toldAt: number;
  /** Rounds in a row in which the queue did not know the run. */
  missed: number;
}

export function localUser(id: string): LocalUser {
  return { id, connections: [], subscription: null, streamCheckAt: 0, waiting: null };
}
