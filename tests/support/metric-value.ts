interface Readable {
  get(): Promise<{ values: Array<{ value: number; labels: Partial<Record<string, string | number>> }> }>;
}

/** The value of a gauge or counter; with labels the sum of the series that have these. */
export async function metricValue(metric: Readable, labels: Record<string, string> = {}): Promise<number> {
  const { values } = await metric.get();
  const wanted = Object.entries(labels);
  return values
    .filter((series) => wanted.every(([name, value]) => series.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
