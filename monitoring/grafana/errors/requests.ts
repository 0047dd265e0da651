import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, ranking, stat } from '../panels.ts';
import { gained, orZero, replicas, sum, workflows } from '../promql.ts';
import { LIMITS, noneExpected } from '../thresholds.ts';

const STEP = '$__rate_interval';
const HOUR = '1h';
const problems = replicas('weir_http_problems_total');
const failures = workflows('weir_run_failures_total');
const timedOut = workflows('weir_runs_finished_total', 'status="timed_out"');

export const requestErrorRows: readonly Row[] = [
  numbers(
    'Now',
    stat({
      title: 'Error rate',
      description: 'API requests that failed by our fault, in 5 minutes, whatever replica is chosen.',
      unit: units.PercentUnit,
      decimals: 2,
      thresholds: LIMITS.errorRate(),
      queries: [['slo:weir_errors:ratio5m{slo="availability"}', 'errors']],
    }),
    stat({
      title: 'Problems, last hour',
      description: 'Requests answered with a problem document, wrong input of clients included.',
      unit: units.Short,
      decimals: 0,
      queries: [[orZero(sum(gained(problems, HOUR))), 'problems']],
    }),
    stat({
      title: 'Failed runs, last hour',
      description: 'Runs that ended in an error.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [[orZero(sum(gained(failures, HOUR))), 'failed']],
    }),
    stat({
      title: 'Timed out waiting, last hour',
      description: 'Runs that never got a slot.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [[orZero(sum(gained(timedOut, HOUR))), 'timed out']],
    }),
    stat({
      title: 'Refusals, 5 minutes',
      description: 'Starts and sockets turned away because the queue, the queue of one user or the house was full.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [['sum(cluster:weir_refusals:increase5m)', 'refused']],
    }),
    stat({
      title: 'Breakers open',
      description:
        'Model providers that at least one replica leaves alone, and 1 more for each replica that has given up on Postgres for now.',
      unit: units.Short,
      decimals: 0,
      thresholds: noneExpected(),
      queries: [
        [
          `sum(max by (provider) (${replicas('weir_llm_breaker_state')} == bool 2)) + sum(${replicas('weir_postgres_breaker_open')})`,
          'open',
        ],
      ],
    }),
  ),
  graphs(
    'Requests',
    graph({
      title: 'Problems by type',
      description: 'Problem documents in each interval, by code; docs/errors.md explains the codes.',
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(problems, STEP), 'code'), '{{code}}']],
    }),
    graph({
      title: 'Problems by route',
      description: 'The same by route. unmatched: addresses that do not exist; /ws: sockets that were refused.',
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(problems, STEP), 'route'), '{{route}}']],
    }),
    ranking({
      title: 'Top ten, last hour',
      description: 'The most frequent problems and where they happened.',
      unit: units.Short,
      decimals: 0,
      queries: [[`sort_desc(topk(10, ${sum(gained(problems, HOUR), 'code', 'route')}))`, '{{code}} {{route}}']],
    }),
  ),
  graphs(
    'Answers and sockets',
    graph({
      title: 'Answers with an error status',
      description: 'Requests in each interval by status from 400 up, health pages and unknown addresses included.',
      unit: units.Short,
      stacked: true,
      queries: [
        [
          sum(gained(replicas('weir_http_request_duration_seconds_count', 'status=~"[45].."'), STEP), 'status'),
          '{{status}}',
        ],
      ],
    }),
    graph({
      title: 'Sockets closed by code',
      description:
        '1000 and 1001: the client left. 4000 to 4499: it was told to reconnect (4000 draining, 4001 too slow, 4002 heartbeat lost). From 4500: it must not.',
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(replicas('weir_sockets_closed_total'), STEP), 'code'), '{{code}}']],
    }),
    graph({
      title: 'Resumes',
      description:
        'How sockets were caught up: fresh (new), resumed (nothing missed), snapshot (away for too long, told the state instead).',
      unit: units.Short,
      stacked: true,
      queries: [[sum(gained(replicas('weir_resumes_total'), STEP), 'outcome'), '{{outcome}}']],
    }),
  ),
];
