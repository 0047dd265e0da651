/** What a connection between two parts has to bear. */
export type Weather =
  | { kind: 'clear' }
  /** Every piece arrives so much later (ms), give or take a half. */
  | { kind: 'slow'; ms: number }
  /** Packets are lost: pieces wait for their repetition, arrive in halves, and now and then a connection breaks within one. */
  | { kind: 'lossy' }
  /** The cable is out: nothing arrives, nobody is told; what was sent arrives when it is mended, as TCP sees to. */
  | { kind: 'cut' }
  /** Connections are reset and new ones refused. */
  | { kind: 'refused' };

export const CLEAR: Weather = { kind: 'clear' };

/** A lost packet is sent again after at least so long on Linux, then after twice as long (ms). */
const SHORTEST_REPEAT_MS = 200;
const LONGEST_REPEAT_MS = 1_600;
/** Shares of the pieces. */
const LOST = 0.08;
const HALVED = 0.2;
const BROKEN = 0.004;

/** What becomes of one piece: parts with the ms by which each is late; `breaks`: the connection is reset after them. */
export interface Fate {
  parts: Array<{ bytes: Buffer; lateMs: number }>;
  breaks: boolean;
}

export function fateOf(piece: Buffer, weather: Weather, random: () => number): Fate {
  if (weather.kind === 'slow')
    return { parts: [{ bytes: piece, lateMs: weather.ms * (0.5 + random()) }], breaks: false };
  if (weather.kind !== 'lossy') return { parts: [{ bytes: piece, lateMs: 0 }], breaks: false };
  const lateMs = () =>
    random() < LOST ? SHORTEST_REPEAT_MS + random() ** 2 * (LONGEST_REPEAT_MS - SHORTEST_REPEAT_MS) : 0;
  const half = Math.ceil(piece.length / 2);
  const first = { bytes: piece.subarray(0, half), lateMs: lateMs() };
  if (random() < BROKEN) return { parts: [first], breaks: true };
  if (random() >= HALVED) return { parts: [{ bytes: piece, lateMs: lateMs() }], breaks: false };
  return { parts: [first, { bytes: piece.subarray(half), lateMs: lateMs() }], breaks: false };
}
