/** What is booked further ahead is not booked (ms). */
const LONGEST_MS = 60_000;
/** Calls of this span may come at once (ms). */
const IN_HAND_MS = 1_000;

/** The rate limit of a replica that cannot ask the others: the rule of `reserveCall` in Redis (generic cell rate algorithm), for its own calls only. */
export class CallPace {
  private due = 0;

  constructor(private readonly perMinute: number) {}

  /** Books the next call; answers the milliseconds to wait before it. 60,000: nothing was booked, ask again then. */
  reserve(now: number): number {
    const spacing = 60_000 / this.perMinute;
    const due = Math.max(now, this.due);
    const waitMs = Math.max(0, Math.ceil(due - Math.max(0, IN_HAND_MS - spacing) - now));
    if (waitMs >= LONGEST_MS) return LONGEST_MS;
    this.due = due + spacing;
    return waitMs;
  }
}
