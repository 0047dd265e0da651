/**
 * Clocks both ends of a socket agree on (ms). A file of its own, so that a browser takes them without the schemas.
 * Two heartbeats may be late or lost within the limit before a client gives a socket up.
 */
/** Silence after which the server sends `HEARTBEAT`. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
/** Silence after which a client gives a socket up and reconnects. */
export const SILENCE_LIMIT_MS = 40_000;
