import { COMPONENT_NAMES } from '../../../../shared/protocol/components.ts';
import type { UptimeAnswer } from '../../../../shared/protocol/http.ts';
import { type Html, html } from '../docs-page/html.ts';
import { percent } from './words.ts';

type Component = UptimeAnswer['components'][number];
type Day = Component['days'][number];

const BAR = 6;
const GAP = 2;
const HEIGHT = 28;
/** From this share of a day on (15 minutes) a bar is red. */
const BAD_RATIO = 1 - 15 / 1_440;

/** A bar a day, the oldest at the left. A picture with words: each bar has a title, the whole has its sum. */
export function uptimeBars({ name, days, uptime_ratio }: Component): Html {
  const width = days.length * (BAR + GAP) - GAP;
  return html`<svg class="bars" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${COMPONENT_NAMES[name]}: uptime ${percent(uptime_ratio)} over ${days.length} days">${days.map(
    (day, index) =>
      html`<rect class="${grade(day)}" x="${index * (BAR + GAP)}" y="0" width="${BAR}" height="${HEIGHT}" rx="2"><title>${day.date}: ${describe(day)}</title></rect>`,
  )}</svg>`;
}

function grade(day: Day): string {
  if (day.uptime_ratio === null) return 'none';
  if (day.uptime_ratio < BAD_RATIO) return 'bad';
  return day.down_seconds > 0 || day.degraded_seconds > 0 ? 'warn' : 'good';
}

function describe(day: Day): string {
  if (day.uptime_ratio === null) return 'not known';
  const troubles = [
    ...(day.down_seconds > 0 ? [`down ${length(day.down_seconds)}`] : []),
    ...(day.degraded_seconds > 0 ? [`degraded ${length(day.degraded_seconds)}`] : []),
  ];
  return troubles.length === 0 ? 'no trouble' : troubles.join(', ');
}

function length(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
