/** One series: its labels, and values in time (Unix seconds). */
export interface Series {
  labels: Record<string, string>;
  values: Array<{ at: number; value: number }>;
}

interface Answer {
  status: 'success' | 'error';
  error?: string;
  data?: {
    result: Array<{ metric: Record<string, string>; value?: [number, string]; values?: Array<[number, string]> }>;
  };
}

/** Queries of a Prometheus as Grafana sends them. An expression that Prometheus does not understand rejects with its sentence. */
export class PrometheusClient {
  constructor(private readonly url: string) {}

  /** At one moment (Unix seconds; default now). */
  instant(query: string, at = Date.now() / 1_000): Promise<Series[]> {
    return this.ask('query', { query, time: String(at) });
  }

  range(query: string, { from, to, step }: { from: number; to: number; step: number }): Promise<Series[]> {
    return this.ask('query_range', { query, start: String(from), end: String(to), step: String(step) });
  }

  /** Values of a label among the series of a selector. */
  async labelValues(label: string, selector: string): Promise<string[]> {
    const search = new URLSearchParams({ 'match[]': selector });
    const answer = await fetch(`${this.url}/api/v1/label/${label}/values?${search}`);
    return ((await answer.json()) as { data: string[] }).data;
  }

  private async ask(path: string, parameters: Record<string, string>): Promise<Series[]> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, error, data } = (await answer.json()) as Answer;
    if (status !== 'success' || data === undefined) throw new Error(`${error ?? 'no answer'}\n${parameters.query}`);
    return data.result.map(({ metric, value, values }) => ({
      labels: metric,
      values: (values ?? (value === undefined ? [] : [value])).map(([at, text]) => ({ at, value: Number(text) })),
    }));
  }
}
