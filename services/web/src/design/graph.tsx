import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../shell/theme.ts';
import styles from './graph.module.css';
import { type GraphSeries, HEIGHT, plotOptions, renew, spoken } from './graph-plot.ts';

export interface GraphProps {
  title: string;
  /** Unix seconds, ascending. */
  times: readonly number[];
  /** The same list until it has other values: a new one is drawn anew. */
  series: readonly GraphSeries[];
  /** A figure in words. */
  format(value: number): string;
}

/** Lines over time. The drawing library is loaded when the first graph is shown; if it cannot be, the figures stand there in words. */
export function Graph({ title, times, series, format }: GraphProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const [scheme, setScheme] = useState(0);
  const [drawable, setDrawable] = useState(true);
  const look = theme.value;
  const shape = series.map(({ label, limit }) => `${label}${limit}`).join();
  const data = useMemo(
    () => [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData,
    [times, series],
  );
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
    import('uplot')
      .then(({ default: Plot }) => {
        if (gone) return;
        plot.current = new Plot(plotOptions(element, series, format), latest.current, element);
        resize.observe(element);
        setDrawable(true);
      })
      .catch((error: unknown) => {
        console.error(error);
        if (!gone) setDrawable(false);
      });
    return () => {
      gone = true;
      resize.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, look, scheme]);

  useEffect(() => {
    if (plot.current !== undefined) renew(plot.current, data);
  }, [data]);

  const words = spoken(series, format);
  return (
    <figure class={styles.figure} aria-label={`${title}. ${words}`}>
      <figcaption class={styles.title}>{title}</figcaption>
      <div ref={box} class={styles.plot} aria-hidden="true" hidden={!drawable} />
      {!drawable && <p>The picture cannot be drawn; load the page anew to try again. {words}</p>}
    </figure>
  );
}
