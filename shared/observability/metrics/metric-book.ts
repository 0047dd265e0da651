import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Which replicas report a metric, and so what the values of several replicas make together. The sentences are those of
 * docs/operations/metrics.md.
 */
export const REPORTERS = {
  replica: 'every replica, about itself',
  cluster: 'every replica, the same for the whole cluster: take the maximum',
  api: 'replicas with the role `api`',
  worker: 'replicas with the role `worker`',
  leader: 'the replica that leads',
} as const;
export type Reporter = keyof typeof REPORTERS;

export interface MetricAbout<Label extends string> {
  by: Reporter;
  /** What the number says; the unit is in the name. */
  help: string;
  labels?: readonly Label[];
}

/** What the page about the metrics says of one. */
export interface MetricDeclaration extends MetricAbout<string> {
  name: string;
  type: 'gauge' | 'counter' | 'histogram';
  labels: readonly string[];
}

interface HistogramAbout<Label extends string> extends MetricAbout<Label> {
  /** Upper bounds, ascending. */
  buckets: readonly number[];
}

/** Declares the metrics of one process on a registry of its own, and keeps what was declared: Prometheus has no word for who reports what. */
export class MetricBook {
  readonly registry = new Registry();
  /** In the order of declaration; those of Node are not among them. */
  readonly declared: MetricDeclaration[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** `collect` is called whenever the metrics are read, to set what has no event of its own. */
  gauge<Label extends string = never>(
    name: string,
    { collect, ...about }: MetricAbout<Label> & { collect?: () => void },
  ): Gauge<Label> {
    return new Gauge({ ...this.declare('gauge', name, about), ...(collect === undefined ? {} : { collect }) });
  }

  counter<Label extends string = never>(name: string, about: MetricAbout<Label>): Counter<Label> {
    return new Counter(this.declare('counter', name, about));
  }

  histogram<Label extends string = never>(name: string, about: HistogramAbout<Label>): Histogram<Label> {
    return new Histogram({ ...this.declare('histogram', name, about), buckets: [...about.buckets] });
  }

  private declare<Label extends string>(
    type: MetricDeclaration['type'],
    name: string,
    { by, help, labels = [] }: MetricAbout<Label>,
  ) {
    this.declared.push({ type, name, by, help, labels });
    return { name, help, labelNames: labels, registers: [this.registry] };
  }
}
