import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../shell/theme.ts';
import styles from './graph.module.css';

export interface GraphSeries {
  label: string;
  /** As many as times; null: not known. */
  values: ReadonlyArray<number | null>;
  /** A limit rather than a measurement: dashed. */
  limit?: boolean;
}

interface GraphProps {
  title: string;
  /** Unix seconds, ascending. */
  times: readonly number[];
  series: readonly GraphSeries[];
  /** A figure in words. */
  format(value: number): string;
}

const COLOURS = ['--series-1', '--series-2', '--series-3', '--series-4'] as const;
const HEIGHT = 190;

/** Lines over time. The drawing library is loaded when the first graph is shown. */
export function Graph({ title, times, series, format }: GraphProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const [scheme, setScheme] = useState(0);
  const look = theme.value;
  const shape = series.map(({ label, limit }) => `${label}${limit}`).join();
  const data = [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setScheme((count) => count + 1);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let gone = false;
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    void import('uplot').then(({ default: Plot }) => {
      if (gone) return;
      plot.current = new Plot(optionsFor(element, series, format), latest.current, element);
      resize.observe(element);
    });
    return () => {
      gone = true;
      resize.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, look, scheme]);

  useEffect(() => {
    plot.current?.setData(latest.current);
    if (plot.current !== undefined) showLast(plot.current);
  }, [data]);

  return (
    <figure class={styles.figure} aria-label={`${title}. ${spoken(series, format)}`}>
      <figcaption class={styles.title}>{title}</figcaption>
      <div ref={box} class={styles.plot} aria-hidden="true" />
    </figure>
  );
}

function optionsFor(
  element: HTMLElement,
  series: readonly GraphSeries[],
  format: (value: number) => string,
): uPlot.Options {
  const axis = { stroke: colour(element, '--text-soft'), grid: { stroke: colour(element, '--line'), width: 1 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { points: { size: 6 } },
    hooks: { ready: [showLast] },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, ticks: { show: false }, space: 80, values: (_plot, ticks) => ticks.map(clockFor(ticks)) },
      { ...axis, ticks: { show: false }, size: 64, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      { value: (_plot, at) => (at === null ? '–' : new Date(at * 1_000).toLocaleString([], { hour12: false })) },
      ...series.map(({ label, limit }, index): uPlot.Series => {
        const stroke = colour(element, COLOURS[index % COLOURS.length] ?? COLOURS[0]);
        return {
          label,
          stroke,
          width: limit ? 1 : 2,
          ...(limit ? { dash: [6, 4], points: { show: false } } : {}),
          value: (_plot, value) => (value === null ? '–' : format(value)),
        };
      }),
    ],
  };
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

/** The legend speaks of the newest values while nobody points at older ones. */
function showLast(plot: uPlot): void {
  if (plot.cursor.idx == null) plot.setLegend({ idx: plot.data[0].length - 1 });
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

function spoken(series: readonly GraphSeries[], format: (value: number) => string): string {
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
