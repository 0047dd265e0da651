/** The middle of the sorted values (mean of the two middle ones); NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). `share` from 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** How far the mean of so many values may be from the true one (standard error of the mean); NaN of fewer than two. */
export function standardError(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** One aligned line: name, then each figure with its unit. */
export function row(name: string, figures: Record<string, number>): string {
  const cells = Object.entries(figures).map(([unit, value]) => `${unit} ${format(value)}`.padEnd(22));
  return `${name.padEnd(8)} ${cells.join('')}`.trimEnd();
}

function format(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
