/**
 * The `q`-quantile (0 to 1) of values counted in buckets with these upper bounds (and one for all above), interpolated within its bucket as
 * Prometheus' `histogram_quantile` does; beyond the last bound it is that bound. null: nothing was counted.
 */
export function percentile(counts: readonly number[], bounds: readonly number[], q: number): number | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const rank = q * all;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const floor = bounds[index - 1] ?? 0;
      return floor + (bound - floor) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
