import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph, ranking } from '../panels.ts';
import { gained, orZero, replicas, sum, workflows } from '../promql.ts';

const STEP = '$__rate_interval';
const failures = workflows('weir_run_failures_total');

export const runErrorRows: readonly Row[] = [
  graphs(
    'Runs',
    graph({
      title: 'Failed runs by reason',
      description: 'Runs that ended in an error in each interval, by the code of the error.',
      unit: units.Short,
      stacked: true,
      queries: [[`${sum(gained(failures, STEP), 'code')} > 0`, '{{code}}']],
    }),
    ranking({
      title: 'Failed runs by workflow, last hour',
      description: 'The ten that fail most, with the reason. One alone: its author should know.',
      unit: units.Short,
      decimals: 0,
      queries: [
        [`sort_desc(topk(10, ${sum(gained(failures, '1h'), 'workflow', 'code')} > 0))`, '{{workflow}} {{code}}'],
      ],
    }),
    graph({
      title: 'Failed steps by kind',
      description: 'Steps that failed in each interval: llm, delay or webhook. All workflows.',
      unit: units.Short,
      stacked: true,
      queries: [
        [sum(gained(replicas('weir_step_duration_seconds_count', 'outcome="failed"'), STEP), 'kind'), '{{kind}}'],
      ],
    }),
  ),
  graphs(
    'Repairs',
    graph({
      title: 'Runs put back',
      description:
        'Runs taken from a worker that did not renew its lease, and writes of such a worker that were refused. Seldom: a replica died. Often: one is too slow to live.',
      unit: units.Short,
      queries: [
        [orZero(sum(gained(replicas('weir_runs_rescued_total'), STEP))), 'put back'],
        [orZero(sum(gained(replicas('weir_writes_fenced_total'), STEP))), 'writes refused'],
      ],
    }),
    graph({
      title: 'Slots without a run',
      description:
        'Slots held in Redis minus runs that hold one according to Postgres. 0 at rest; a few for seconds under load; for minutes: slots leak.',
      unit: units.Short,
      decimals: 0,
      queries: [[`sum(${replicas('weir_lease_drift')})`, 'drift']],
    }),
    graph({
      title: 'Stores out of reach',
      description: 'Replicas that have given up on Postgres for now, or have no connection to Redis.',
      unit: units.Short,
      decimals: 0,
      queries: [
        [`sum(${replicas('weir_postgres_breaker_open')})`, 'Postgres'],
        [`sum(1 - ${replicas('weir_redis_up')})`, 'Redis'],
      ],
    }),
    graph({
      title: 'Chat messages delivered late',
      description:
        'Messages that were stored but not on their way, found by a later look: Redis was away or a replica died.',
      unit: units.Short,
      queries: [[orZero(sum(gained(replicas('weir_chat_deliveries_total', 'way="late"'), STEP))), 'late']],
    }),
  ),
];
