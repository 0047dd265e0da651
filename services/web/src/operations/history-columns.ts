import type { HistoryAnswer, HistoryPoint } from '../../../../shared/protocol/http-history.ts';

/** Names of the figures of a point. */
type Figure = {
  [Name in keyof HistoryPoint]: HistoryPoint[Name] extends number | null ? Name : never;
}[keyof HistoryPoint];

export interface HistoryColumns {
  /** Unix seconds, ascending. */
  times: number[];
  /** As many as times. */
  of(figure: Figure, factor?: number): Array<number | null>;
}

/** Points as columns for a graph; where steps are missing there is one unknown value, so that no line is drawn over the gap. */
export function historyColumns({ step_seconds, points }: HistoryAnswer): HistoryColumns {
  const rows: Array<{ at: number; point: HistoryPoint | null }> = [];
  for (const point of points) {
    const at = Date.parse(point.at) / 1_000;
    const before = rows.at(-1);
    if (before !== undefined && at - before.at > 1.5 * step_seconds)
      rows.push({ at: before.at + step_seconds, point: null });
    rows.push({ at, point });
  }
  return {
    times: rows.map(({ at }) => at),
    of: (figure, factor = 1) =>
      rows.map(({ point }) => {
        const value = point?.[figure] ?? null;
        return value === null ? null : value * factor;
      }),
  };
}
