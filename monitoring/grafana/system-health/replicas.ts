import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, stat, timeline } from '../panels.ts';
import { max, rate, recorded, replicas, sum } from '../promql.ts';
import { UP_OR_DOWN } from '../states.ts';
import { falling, LIMITS, oneExpected, rising } from '../thresholds.ts';
import { HIT_RATE } from './stores.ts';

const REPLICA = '{{instance}}';
const cpu = recorded('instance:weir_cpu:saturation');
const memory = recorded('instance:weir_memory:saturation');
const pool = recorded('instance:weir_postgres_pool:saturation');

export const replicaRows: readonly Row[] = [
  numbers(
    'Now',
    stat({
      title: 'Replicas up',
      description:
        'Replicas that answer their scrape. Fewer than were started: look at "Up and down" below and at the logs of the one that is missing.',
      unit: units.Short,
      decimals: 0,
      thresholds: falling(2, 1),
      queries: [['sum(up{job="weir"})', 'up']],
    }),
    stat({
      title: 'Leaders',
      description:
        'Exactly one replica leads: it drains the queue and rescues runs. 0 for longer than 20 s: nobody does.',
      unit: units.Short,
      decimals: 0,
      thresholds: oneExpected(),
      queries: [[sum('weir_leader{job="weir"}'), 'leaders']],
    }),
    stat({
      title: 'Busiest replica: CPU',
      description: 'Share of the processor time that the replica may use.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.cpu(),
      queries: [[max(cpu), 'cpu']],
    }),
    stat({
      title: 'Fullest replica: memory',
      description: 'Share of the memory that the replica may use; at 100 % the kernel ends it.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.memory(),
      queries: [[max(memory), 'memory']],
    }),
    stat({
      title: 'Fullest pool',
      description: 'Share of its Postgres connections that a replica has in use.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: rising(0.8, 1),
      queries: [[max(pool), 'pool']],
    }),
    stat({
      title: 'Redis hit rate',
      description:
        'Reads of keys that were there. Many reads here ask for what need not exist (a lease, a cached answer): a change tells more than the figure.',
      unit: units.PercentUnit,
      decimals: 0,
      queries: [[HIT_RATE, 'hits']],
    }),
  ),
  graphs(
    'Replicas',
    graph({
      title: 'CPU',
      description: 'Share of the processor time that each replica may use.',
      unit: units.PercentUnit,
      thresholds: LIMITS.cpu(),
      queries: [[cpu, REPLICA]],
    }),
    graph({
      title: 'Memory',
      description: 'Resident memory as a share of what each replica may use.',
      unit: units.PercentUnit,
      thresholds: LIMITS.memory(),
      queries: [[memory, REPLICA]],
    }),
    graph({
      title: 'Event loop busy',
      description:
        'Share of the time in which the only thread had something to do. Near 100 % everything waits, whatever the CPU graph says.',
      unit: units.PercentUnit,
      thresholds: LIMITS.eventLoopBusy(),
      queries: [[replicas('weir_event_loop_utilization'), REPLICA]],
    }),
    graph({
      title: 'Event loop lag p99',
      description: 'How late timers were. Above 0.1 s every request of that replica is late by as much.',
      unit: units.Seconds,
      thresholds: LIMITS.eventLoopLag(),
      queries: [[replicas('nodejs_eventloop_lag_p99_seconds'), REPLICA]],
    }),
  ),
  graphs(
    'Up and down',
    timeline({
      title: 'Parts that answer',
      description: 'Whether Prometheus reached each part of the system. A gap: Prometheus itself was down.',
      unit: units.Short,
      mappings: UP_OR_DOWN,
      queries: [['min by (job, instance) (up)', '{{job}} {{instance}}']],
    }),
    graph({
      title: 'Node: heap in use',
      description: 'JavaScript objects and what is free around them. A floor that rises for hours is a leak.',
      unit: units.BytesIEC,
      queries: [[replicas('nodejs_heap_size_used_bytes'), REPLICA]],
    }),
    graph({
      title: 'Node: garbage collection',
      description: 'Share of the time spent collecting garbage. Above a tenth memory is short.',
      unit: units.PercentUnit,
      thresholds: rising(0.1, 0.25),
      queries: [[sum(rate(replicas('nodejs_gc_duration_seconds_sum')), 'instance'), REPLICA]],
    }),
  ),
];
