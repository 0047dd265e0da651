import type { Sample, Samples } from '../../../db/repositories/samples.ts';
import { COMPONENTS } from '../../../shared/protocol/components.ts';
import type { UptimeAnswer } from '../../../shared/protocol/http.ts';
import { FreshValue } from '../admission/fresh-value.ts';
import { mergeBySlot } from './merge-samples.ts';
import { readSamples } from './read-samples.ts';

const UPTIME_DAYS = 90;
const DAY_MS = 86_400_000;
const HOUR = 3_600;
/** Days of the past do not change, and today's bar not within a minute (ms). */
const MAX_AGE_MS = 60_000;

/** How much of each day each component was there. */
export class Uptime {
  private readonly fresh: FreshValue<UptimeAnswer>;

  constructor(private readonly samples: Pick<Samples, 'read' | 'edges'>) {
    this.fresh = new FreshValue(() => this.load(Date.now()), MAX_AGE_MS);
  }

  /** At most a minute old. */
  async read(days = UPTIME_DAYS): Promise<UptimeAnswer> {
    const all = await this.fresh.get();
    if (days >= UPTIME_DAYS) return all;
    const components = all.components.map(({ name, days: bars }) => ({ name, ...summed(bars.slice(-days)) }));
    return { ...all, days, components };
  }

  async load(now: number): Promise<UptimeAnswer> {
    const today = Math.floor(now / DAY_MS) * DAY_MS;
    const from = today - (UPTIME_DAYS - 1) * DAY_MS;
    const rows = await readSamples(this.samples, { from: new Date(from), to: new Date(now), resolution: HOUR });
    const beginning = await this.beginning(from, rows[0]);
    const last = rows.at(-1);
    const end = last === undefined ? null : last.at.getTime() + last.resolution * 1_000;
    const days = new Map(mergeBySlot(rows, DAY_MS / 1_000).map((day) => [day.at.getTime(), day]));
    const components = COMPONENTS.map((name, index) => {
      const bars = Array.from({ length: UPTIME_DAYS }, (_, n) => {
        const day = from + n * DAY_MS;
        // Nobody but the api writes samples, so where there is none since the first one it was away; of the others nothing is known then.
        const missing =
          name === 'api' && beginning !== null && end !== null
            ? Math.max(0, Math.min(day + DAY_MS, end) - Math.max(day, beginning)) / 1_000 -
              (days.get(day)?.seconds ?? 0)
            : 0;
        return barOf(day, days.get(day), index, Math.max(0, Math.round(missing)));
      });
      return { name, ...summed(bars) };
    });
    return { days: UPTIME_DAYS, components, at: new Date(now).toISOString() };
  }

  /** Since when (Unix ms) samples are written: the unobserved part of the first one lies before it. null: there are none. */
  private async beginning(from: number, first: Sample | undefined): Promise<number | null> {
    if (first === undefined) return null;
    const edges = await this.samples.edges(HOUR);
    if (edges !== null && edges.first.getTime() < from) return from;
    return first.at.getTime() + (first.resolution - first.seconds) * 1_000;
  }
}

type Bar = UptimeAnswer['components'][number]['days'][number];

function barOf(day: number, sample: Sample | undefined, component: number, missing: number): Bar {
  const known = (sample?.seconds ?? 0) + missing;
  const down = (sample?.down[component] ?? 0) + missing;
  return {
    date: new Date(day).toISOString().slice(0, 10),
    uptime_ratio: known === 0 ? null : 1 - down / known,
    down_seconds: down,
    degraded_seconds: sample?.degraded[component] ?? 0,
    known_seconds: known,
  };
}

function summed(days: Bar[]): { uptime_ratio: number | null; days: Bar[] } {
  const known = days.reduce((sum, day) => sum + day.known_seconds, 0);
  const down = days.reduce((sum, day) => sum + day.down_seconds, 0);
  return { uptime_ratio: known === 0 ? null : 1 - down / known, days };
}
