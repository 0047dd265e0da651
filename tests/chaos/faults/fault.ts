/** Something that breaks and is mended again. Both may be called once; `heal` leaves the part running. */
export interface Fault {
  /** For people and for the record: "replica-2 killed". */
  readonly name: string;
  readonly target: string;
  /** How long it stays broken (ms). */
  readonly holdMs: number;
  apply(): Promise<void>;
  heal(): Promise<void>;
}

/** A length between the shortest and the longest (ms); `length` from 0 to 1. */
export function between(shortestMs: number, longestMs: number, length: number): number {
  return Math.round(shortestMs + (longestMs - shortestMs) * length);
}
