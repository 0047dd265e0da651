import type { Sample, Samples } from '../../../db/repositories/samples.ts';
import { LATENCY_BUCKETS } from '../../../shared/observability/metrics/buckets.ts';
import {
  type HistoryAnswer,
  type HistoryPoint,
  type HistoryQuery,
  MAX_HISTORY_POINTS,
} from '../../../shared/protocol/http.ts';
import { CAPACITY_LEVELS } from '../../../shared/workflow/capacity-level.ts';
import { mergeBySlot } from './merge-samples.ts';
import { percentile } from './percentile.ts';
import { readSamples } from './read-samples.ts';
import { chooseStep } from './resolutions.ts';

const HOUR_MS = 3_600_000;

/** The past of the cluster in at most 1,000 points. */
export class History {
  constructor(private readonly samples: Pick<Samples, 'read'>) {}

  async read({ from, to, step }: HistoryQuery, now = Date.now()): Promise<HistoryAnswer> {
    // From the future nothing is known, and it must not make the steps longer.
    const end = Math.min(to === undefined ? now : Date.parse(to), now);
    const begin = Math.min(from === undefined ? end - HOUR_MS : Date.parse(from), end);
    const chosen = chooseStep({ from: begin, to: end, wanted: step, now }, MAX_HISTORY_POINTS);
    const stepMs = chosen.seconds * 1_000;
    const range = {
      from: new Date(Math.floor(begin / stepMs) * stepMs),
      to: new Date(end),
      resolution: chosen.resolution,
    };
    const rows = await readSamples(this.samples, range);
    return { step_seconds: chosen.seconds, points: mergeBySlot(rows, chosen.seconds).map(pointOf) };
  }
}

function pointOf(sample: Sample): HistoryPoint {
  const ms = (q: number) => {
    const seconds = percentile(sample.latency, LATENCY_BUCKETS, q);
    return seconds === null ? null : Math.round(seconds * 10_000) / 10;
  };
  return {
    at: sample.at.toISOString(),
    users: sample.users,
    max_users: sample.maxUsers,
    slots: sample.slots,
    max_slots: sample.maxSlots,
    queue_length: sample.queueLength,
    level: sample.level === null ? null : (CAPACITY_LEVELS[sample.level] ?? null),
    p50_ms: ms(0.5),
    p95_ms: ms(0.95),
    p99_ms: ms(0.99),
    error_ratio: sample.requests === 0 ? null : sample.errors / sample.requests,
    requests: sample.requests,
    started: sample.started,
    finished: sample.finished,
    failed: sample.failed,
    sockets: sample.sockets,
  };
}
