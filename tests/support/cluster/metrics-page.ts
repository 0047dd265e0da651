import type { ClusterReplica } from '../../../services/local/local-cluster.ts';

interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const SERIES = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** What Prometheus would read from a replica at one instant. */
export class MetricsPage {
  private constructor(
    readonly text: string,
    private readonly series: readonly Series[],
  ) {}

  static async of({ internalUrl }: Pick<ClusterReplica, 'internalUrl'>): Promise<MetricsPage> {
    const text = await (await fetch(`${internalUrl}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const series = lines.map((line) => {
      const [, name = '', labels = '', value] = SERIES.exec(line) ?? [];
      const pairs = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text] as const);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
    return new MetricsPage(text, series);
  }

  /** Sum of the series with these labels; NaN: there is none. */
  sum(name: string, labels: Record<string, string> = {}): number {
    const wanted = Object.entries(labels);
    const found = this.series.filter(
      (each) => each.name === name && wanted.every(([label, value]) => each.labels[label] === value),
    );
    return found.length === 0 ? Number.NaN : found.reduce((sum, { value }) => sum + value, 0);
  }
}
