import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Sample } from './sample.ts';

/** Seconds; the thresholds (0.1, 0.2, 0.5) are among them. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** What Prometheus reads while a load test runs: `weir_load_…`, named in docs/operations/load-tests.md. */
export class MetricsPage {
  private readonly registry = new Registry();
  private readonly users = this.gauge('weir_load_users', 'Users that are there.');
  private readonly requests = this.histogram('weir_load_request_seconds', 'Requests as users measured them.', [
    'route',
    'outcome',
  ]);
  private readonly spans = this.histogram('weir_load_span_seconds', 'Other times that users measured.', ['span']);
  private readonly runs = this.counter('weir_load_runs_total', 'Runs by how they ended.', ['end']);
  private readonly faults = this.counter('weir_load_faults_total', 'What went wrong for users.', ['fault']);

  constructor(scenario: string) {
    this.registry.setDefaultLabels({ scenario });
  }

  add(sample: Sample): void {
    if (sample.kind === 'request')
      this.requests.observe({ route: sample.route, outcome: sample.outcome }, sample.ms / 1_000);
    else if (sample.kind === 'span') this.spans.observe({ span: sample.span }, sample.ms / 1_000);
    else if (sample.kind === 'run') this.runs.inc({ end: sample.end });
    else if (sample.kind === 'users') this.users.inc(sample.change);
    else this.faults.inc({ fault: sample.fault });
  }

  async read(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: BUCKETS, registers: [this.registry] });
  }
}
