import { useMemo } from 'preact/hooks';
import type { HistoryAnswer } from '../../../../shared/protocol/http-history.ts';
import { latency } from '../../../../shared/wording/duration.ts';
import { Graph, type GraphProps } from '../design/graph.tsx';
import { historyColumns } from './history-columns.ts';
import styles from './history-graphs.module.css';

/** What happened on the cluster, as graphs with one axis of time. */
export function HistoryGraphs({ history }: { history: HistoryAnswer }) {
  const graphs = useMemo(() => graphsOf(history), [history]);
  return (
    <div class={styles.graphs}>
      {graphs.map((graph) => (
        <Graph key={graph.title} {...graph} />
      ))}
    </div>
  );
}

function graphsOf(history: HistoryAnswer): GraphProps[] {
  const { times, of } = historyColumns(history);
  const perMinute = 60 / history.step_seconds;
  return [
    {
      title: 'Users',
      times,
      series: [
        { label: 'here', values: of('users') },
        { label: 'limit', values: of('max_users'), limit: true },
        { label: 'sockets', values: of('sockets') },
      ],
      format: whole,
    },
    {
      title: 'Running and waiting workflows',
      times,
      series: [
        { label: 'running', values: of('slots') },
        { label: 'slots', values: of('max_slots'), limit: true },
        { label: 'waiting', values: of('queue_length') },
      ],
      format: whole,
    },
    {
      title: 'Latency of requests',
      times,
      series: [
        { label: 'p50', values: of('p50_ms') },
        { label: 'p95', values: of('p95_ms') },
        { label: 'p99', values: of('p99_ms') },
      ],
      format: latency,
    },
    {
      title: 'Runs a minute',
      times,
      series: [
        { label: 'started', values: of('started', perMinute) },
        { label: 'finished', values: of('finished', perMinute) },
        { label: 'failed', values: of('failed', perMinute) },
      ],
      format: short,
    },
    {
      title: 'Requests that failed here (5xx)',
      times,
      series: [{ label: 'share', values: of('error_ratio', 100) }],
      format: percent,
    },
    {
      title: 'Requests a second',
      times,
      series: [{ label: 'requests', values: of('requests', 1 / history.step_seconds) }],
      format: short,
    },
  ];
}

function whole(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : '';
}

function short(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function percent(value: number): string {
  return `${value.toLocaleString('en', { maximumFractionDigits: 2 })} %`;
}
