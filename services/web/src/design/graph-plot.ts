import type uPlot from 'uplot';

export interface GraphSeries {
  label: string;
  /** As many as times; null: not known. */
  values: ReadonlyArray<number | null>;
  /** A limit rather than a measurement: dashed. */
  limit?: boolean;
}

const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4'] as const;
/** In px. */
export const HEIGHT = 190;
/** Room at the right for the half of the last time that reaches beyond its place (px). */
const LABEL_HALF = 30;

/** What the drawing library is told; it takes the colours of `element`. */
export function plotOptions(
  element: HTMLElement,
  series: readonly GraphSeries[],
  format: (value: number) => string,
): uPlot.Options {
  const axis = { stroke: colour(element, '--text-soft'), grid: { stroke: colour(element, '--line'), width: 1 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [null, LABEL_HALF, null, null],
    cursor: { points: { size: 6 } },
    hooks: { setLegend: [showLast] },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, ticks: { show: false }, space: 80, values: (_plot, ticks) => ticks.map(clockFor(ticks)) },
      { ...axis, ticks: { show: false }, size: 64, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      { value: (_plot, at) => inWords(at, moment) },
      ...series.map(({ label, limit }, index): uPlot.Series => {
        const stroke = colour(element, COLOURS[index % COLOURS.length] ?? COLOURS[0]);
        return {
          label,
          stroke,
          width: limit ? 1 : 2,
          ...(limit ? { dash: [6, 4], points: { show: false } } : {}),
          value: (_plot, value) => inWords(value, format),
        };
      }),
    ],
  };
}

/** Shows newer data; whoever has zoomed in keeps what they look at. */
export function renew(plot: uPlot, data: uPlot.AlignedData): void {
  const zoomed = isZoomed(plot.data[0], plot.scales.x);
  plot.setData(data, !zoomed);
  if (!zoomed) return;
  plot.redraw();
  showLast(plot);
}

/** Whether a part of the times is out of sight; nothing is while there are none. */
export function isZoomed(
  times: ArrayLike<number>,
  sight: { min?: number | null; max?: number | null } | undefined,
): boolean {
  const [first, last] = [times[0], times[times.length - 1]];
  if (first === undefined || last === undefined) return false;
  return (sight?.min ?? first) > first || (sight?.max ?? last) < last;
}

/** The library asks for values of places where there are none, with null or undefined. */
export function inWords(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

/** The newest and the greatest value of each line, for those who do not see the picture. */
export function spoken(series: readonly GraphSeries[], format: (value: number) => string): string {
  return series
    .map(({ label, values }) => {
      const known = values.filter((value) => value !== null);
      const last = known.at(-1);
      return last === undefined
        ? `${label}: not known`
        : `${label}: ${format(last)} now, ${format(Math.max(...known))} at most`;
    })
    .join('; ');
}

/** The legend speaks of the newest values while nobody points at older ones, and of none while there are none. */
function showLast(plot: uPlot): void {
  if (plot.cursor.idx != null) return;
  const count = plot.data[0].length;
  // Without telling the hooks, of which this is one.
  plot.setLegend({ idxs: plot.series.map(() => (count === 0 ? null : count - 1)) }, false);
}

function moment(at: number): string {
  return new Date(at * 1_000).toLocaleString([], { hour12: false });
}

/** Days where ticks are days apart, seconds where they are seconds apart, minutes between; where the reader is. */
function clockFor(ticks: readonly number[]): (tick: number) => string {
  const apart = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const options: Intl.DateTimeFormatOptions =
    apart >= 43_200
      ? { day: 'numeric', month: 'short' }
      : { hour: '2-digit', minute: '2-digit', hour12: false, ...(apart < 60 ? { second: '2-digit' } : {}) };
  const format = new Intl.DateTimeFormat('en', options);
  return (tick) => format.format(tick * 1_000);
}

/** A custom property as a canvas understands it; the property itself may be a function of the theme. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
