import { HEARTBEAT_INTERVAL_MS } from '../../../shared/protocol/timing.ts';

/** Bounds and clocks of every socket of a replica. Tests make them small. */
export interface SocketLimits {
  /** Unsent bytes of one socket above which droppable frames are left out. */
  softBufferBytes: number;
  /** … above which it is closed with 4001. With the frame that crosses it, a socket never holds more. */
  hardBufferBytes: number;
  /** Silence towards the client after which it gets a `HEARTBEAT` (ms). */
  heartbeatMs: number;
  /** Between pings of the protocol (ms). */
  pingMs: number;
  /** Without any sign of life for this long, the socket is closed with 4002 (ms): two pings and their way back. */
  deadAfterMs: number;
  /** Client frames of one socket after which nothing more is read from it until the next sweep; at most 64 KiB more are at hand already. */
  framesPerSweep: number;
  /** Between sweeps over all sockets (ms). One timer for all: a timer per socket would cost more memory than the socket's state. */
  sweepMs: number;
  /** Between two looks at the stream of a user with sockets here (ms); see StreamWatch. */
  streamLookMs: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  softBufferBytes: 256 * 1_024,
  hardBufferBytes: 1_024 * 1_024,
  heartbeatMs: HEARTBEAT_INTERVAL_MS,
  pingMs: 15_000,
  deadAfterMs: 35_000,
  framesPerSweep: 100,
  sweepMs: 1_000,
  streamLookMs: 30_000,
};
