import type { ClusterView } from './cluster-view.ts';
import { Histogram } from './histogram.ts';
import { FAULTS, type Fault, type Sample, SPANS, type Span } from './sample.ts';
import type { Vital } from './vitals.ts';

/** One piece of the time line. Times of views are those of the last one in it. */
export class Bucket {
  readonly request = new Histogram();
  readonly start = new Histogram();
  readonly notice = new Histogram();
  readonly counts = { ok: 0, refused: 0, failed: 0, runs: 0, faults: 0 };
  users = 0;
  view: ClusterView | null = null;
  vitals: Vital[] = [];
}

/** Most faults that are kept word for word. */
const KEPT_FAULTS = 200;

/** Adds up what users report: over all, by route and region, and over time. */
export class Collector {
  readonly request = new Histogram();
  readonly spans = Object.fromEntries(Object.keys(SPANS).map((span) => [span, new Histogram()])) as Record<
    Span,
    Histogram
  >;
  readonly outcomes = { ok: 0, refused: 0, failed: 0 };
  readonly ends: Record<string, number> = {};
  readonly faults = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>;
  readonly faultDetails: string[] = [];
  readonly routes = new Map<string, { histogram: Histogram; failed: number; refused: number }>();
  readonly statuses = new Map<string, number>();
  readonly regions = new Map<string, { served: Histogram; seen: Histogram }>();
  readonly buckets: Bucket[] = [];
  users = 0;
  mostUsers = 0;
  arrivals = 0;

  /** Both in ms. */
  constructor(
    readonly beganAt: number,
    readonly bucketMs: number,
  ) {}

  add(sample: Sample): void {
    const bucket = this.bucketAt(sample.at);
    switch (sample.kind) {
      case 'request':
        this.addRequest(sample, bucket);
        return;
      case 'span':
        this.spans[sample.span].add(sample.ms);
        if (sample.span === 'start') bucket.start.add(sample.ms);
        if (sample.span === 'notice') bucket.notice.add(sample.ms);
        return;
      case 'run':
        this.ends[sample.end] = (this.ends[sample.end] ?? 0) + 1;
        bucket.counts.runs += 1;
        return;
      case 'users':
        this.users += sample.change;
        this.mostUsers = Math.max(this.mostUsers, this.users);
        if (sample.change === 1) this.arrivals += 1;
        bucket.users = this.users;
        return;
      case 'fault':
        this.faults[sample.fault] += 1;
        bucket.counts.faults += 1;
        if (this.faultDetails.length < KEPT_FAULTS)
          this.faultDetails.push(`${new Date(sample.at).toISOString()} ${sample.fault} ${sample.detail}`);
    }
  }

  see(view: ClusterView): void {
    this.bucketAt(view.at).view = view;
  }

  weigh(at: number, vitals: Vital[]): void {
    this.bucketAt(at).vitals = vitals;
  }

  private addRequest(sample: Extract<Sample, { kind: 'request' }>, bucket: Bucket): void {
    this.outcomes[sample.outcome] += 1;
    bucket.counts[sample.outcome] += 1;
    const route = entry(this.routes, sample.route, () => ({ histogram: new Histogram(), failed: 0, refused: 0 }));
    if (sample.outcome !== 'ok') {
      route[sample.outcome] += 1;
      const name = `${sample.route} ${sample.status === 0 ? 'unreachable' : sample.status}`;
      this.statuses.set(name, (this.statuses.get(name) ?? 0) + 1);
    }
    // A refusal is quick; among the times it would flatter.
    if (sample.outcome === 'refused') return;
    route.histogram.add(sample.ms);
    this.request.add(sample.ms);
    bucket.request.add(sample.ms);
    const region = entry(this.regions, sample.region, () => ({ served: new Histogram(), seen: new Histogram() }));
    region.served.add(sample.ms);
    region.seen.add(sample.ms + sample.addedMs);
  }

  private bucketAt(at: number): Bucket {
    const index = Math.max(0, Math.floor((at - this.beganAt) / this.bucketMs));
    while (this.buckets.length <= index) {
      const bucket = new Bucket();
      bucket.users = this.users;
      this.buckets.push(bucket);
    }
    return this.buckets[index] ?? new Bucket();
  }
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
