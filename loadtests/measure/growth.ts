import type { Point } from './summary.ts';
import { IN_BYTES, type Quantity, type Vital } from './vitals.ts';

/** How one quantity of one part went in the second half of the time in which all users were there. */
export interface Growth extends Omit<Vital, 'value'> {
  /** Mean in that time. */
  mean: number;
  /** Units per hour, and the same as a share of the mean. */
  perHour: number;
  share: number;
  verdict: 'flat' | 'growing' | 'too short';
}

/** Users may be missing (share) and the time still counts as one with all of them: some come and go. */
const ALL_BUT = 0.1;
/** Shorter than this (s), a half says nothing: caches fill, and V8 lets its heap grow before it collects. */
const SHORTEST_SECONDS = 300;
/** A heap rises until it is collected: what counts is the lowest in each of so many pieces. */
const PIECES = 10;
/** Growth per hour (share of the mean) below which nobody would notice it in a day. */
const NEGLIGIBLE = 0.05;
/** Standard errors by which a slope must differ from none. */
const CERTAIN = 3;
/**
 * Growth of memory in all (bytes) that means nothing: V8 compiles for hours what is seldom called, and malloc scatters. Both come to rest, a leak does not:
 * one of 100 bytes a run is beyond it in half an hour of `soak`, a smaller one in a longer run.
 */
const NOISE_BYTES = 2_000_000;
const SECONDS_PER_HOUR = 3_600;

/** By part and quantity; none where nothing was read. */
export function growthOf(points: readonly Pick<Point, 't' | 'users' | 'vitals'>[]): Growth[] {
  const most = Math.max(0, ...points.map(({ users }) => users));
  const full = points.filter(({ users, vitals }) => vitals.length > 0 && users >= most * (1 - ALL_BUT));
  const from = full[0]?.t ?? 0;
  const to = full.at(-1)?.t ?? 0;
  const half = full.filter(({ t }) => t >= (from + to) / 2);
  const names = new Map(half.flatMap(({ vitals }) => vitals.map((vital) => [nameOf(vital), vital] as const)));
  return [...names].map(([name, { part, quantity }]) => {
    const line = half.flatMap(({ t, vitals }) =>
      vitals.filter((vital) => nameOf(vital) === name).map(({ value }): [number, number] => [t, value]),
    );
    return { part, quantity, ...judged(line, IN_BYTES.has(quantity) ? NOISE_BYTES : 0) };
  });
}

function nameOf({ part, quantity }: { part: string; quantity: Quantity }): string {
  return `${part} ${quantity}`;
}

/** `noise`: growth in all that means nothing. */
function judged(line: ReadonlyArray<[t: number, value: number]>, noise: number): Omit<Growth, 'part' | 'quantity'> {
  const lowest = lowestOfPieces(line);
  const { slope, error } = regression(lowest);
  const mean = line.reduce((sum, [, value]) => sum + value, 0) / line.length;
  const share = mean === 0 ? 0 : (slope * SECONDS_PER_HOUR) / mean;
  const seconds = (line.at(-1)?.[0] ?? 0) - (line[0]?.[0] ?? 0);
  const grows = share > NEGLIGIBLE && slope > CERTAIN * error && slope * seconds > noise;
  const verdict = seconds < SHORTEST_SECONDS ? 'too short' : grows ? 'growing' : 'flat';
  return { mean, perHour: slope * SECONDS_PER_HOUR, share, verdict };
}

function lowestOfPieces(line: ReadonlyArray<[number, number]>): Array<[number, number]> {
  const size = Math.max(1, line.length / PIECES);
  const lowest: Array<[number, number]> = [];
  for (let from = 0; from < line.length; from += size) {
    const piece = line.slice(Math.round(from), Math.round(from + size));
    const first = piece[0];
    if (first !== undefined) lowest.push(piece.reduce((low, point) => (point[1] < low[1] ? point : low), first));
  }
  return lowest;
}

/** Ordinary least squares: units per second, with its standard error. */
export function regression(line: ReadonlyArray<[x: number, y: number]>): { slope: number; error: number } {
  const count = line.length;
  if (count < 3) return { slope: 0, error: Number.POSITIVE_INFINITY };
  const meanX = line.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = line.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = line.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return { slope: 0, error: Number.POSITIVE_INFINITY };
  const slope = line.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const left = line.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(left / (count - 2) / spread) };
}
