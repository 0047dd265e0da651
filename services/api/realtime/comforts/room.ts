import type { PresenceStatus } from '../../../../redis/results.ts';
import type { Connection } from '../connection.ts';

/** The chat of a run that sockets of this replica look at. */
export interface Room {
  readonly runId: string;
  readonly lookers: Set<Connection>;
  /** Everybody who takes part, wherever they are. */
  people: Set<string>;
  /** Of people, as last told to the lookers; empty while presence is off or not known. */
  readonly statuses: Map<string, PresenceStatus>;
}

export function room(runId: string): Room {
  return { runId, lookers: new Set(), people: new Set(), statuses: new Map() };
}
