/**
 * Who may believe a lease until when (ms). Expiries are written and judged by the Redis clock, inside the scripts; a holder counts from
 * *before* it sent the renewal, on its own monotonic clock, so it never believes longer than Redis does.
 */
export const LEASES = {
  /**
   * A user's presence on a replica. The replica may take its users for counted while a renewal sent less than `lengthMs` ago has
   * succeeded; nothing breaks beyond, the user is counted again by the next renewal. Two renewals may fail. With the second in which the
   * leader takes lapsed leases out and the one in which replicas read the count, users of a dead replica are gone after 15 s.
   */
  user: { lengthMs: 13_000, renewEveryMs: 5_000 },
  /**
   * A run's slot. The worker may go on with a step while a renewal sent less than `lengthMs` ago has succeeded; beyond, another worker
   * may have the run, and what keeps the two apart is the fence (`runs.attempt`), not this clock. A freshly granted slot has one
   * length that nobody holds, for a worker to take it.
   */
  slot: { lengthMs: 15_000, renewEveryMs: 5_000 },
  /**
   * Time without a rescuing leader (ms) after which live workers may have lost leases through no fault of their own: they renew every
   * `renewEveryMs`, so at the last sign of life each lease had at least the difference left.
   */
  rescueGapMs: 10_000,
  /** How long rescue then holds back: one renewal interval, and 2 s for connections to come back. */
  rescueHoldMs: 7_000,
  /**
   * Leadership. Trusted until `lengthMs − marginMs` after the attempt to acquire or extend *began*; the margin covers the drift between
   * clocks (redlock reckons 1 % + 2 ms) and a pause of the process between looking at the clock and sending a command. Epochs
   * make even a leader that is wrong about it harmless.
   */
  leader: { lengthMs: 5_000, renewEveryMs: 1_500, marginMs: 500 },
  /**
   * The leader's word that whoever frees a slot may give it to the first of the queue; given with each of its rounds, which are at most a second apart.
   * Believed while no later leader has been seen, and not for so long that a dead leader's would last until another one is elected
   * (`leader.lengthMs` less `renewEveryMs` after its death at the earliest): that one first puts back what Redis has lost.
   */
  permit: { lengthMs: 2_500 },
  /** A replica in the list of replicas; only shown to people. */
  replica: { lengthMs: 15_000, renewEveryMs: 5_000 },
  /**
   * Which comforts are on. A replica believes it for `lengthMs` after the settling that succeeded began; beyond, everything is on: a dead writer
   * must not leave the site degraded.
   */
  features: { lengthMs: 30_000, renewEveryMs: 5_000 },
  /** "All sockets of this user here are away"; only shown to people. */
  away: { lengthMs: 15_000, renewEveryMs: 5_000 },
} as const;
