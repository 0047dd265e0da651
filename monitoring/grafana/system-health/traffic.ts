import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { orZero, rate, replicas, sum } from '../promql.ts';
import { LIMITS } from '../thresholds.ts';

const REPLICA = '{{instance}}';

/** What flows through, and the machines below. */
export const trafficRows: readonly Row[] = [
  graphs(
    'Queue and sockets',
    graph({
      title: 'Queue',
      description:
        'Runs that wait for a slot, and runs with a slot that no worker has taken yet: those should be gone at once.',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['cluster:weir_queue_length:max', 'waiting'],
        ['cluster:weir_ready_runs:max', 'ready, not taken'],
      ],
    }),
    graph({
      title: 'Runs being executed',
      description: 'Runs in the hands of each worker.',
      unit: units.Short,
      decimals: 0,
      stacked: true,
      queries: [[replicas('weir_runs_executing'), REPLICA]],
    }),
    graph({
      title: 'Open sockets',
      description: 'Live connections of each replica.',
      unit: units.Short,
      decimals: 0,
      stacked: true,
      queries: [[replicas('weir_sockets_open'), REPLICA]],
    }),
    graph({
      title: 'Frames sent and left out',
      description: 'Messages to clients a second. Left out: comforts that clients who were behind did not get.',
      unit: units.CountsPerSecond,
      queries: [
        [orZero(sum(rate(replicas('weir_frames_sent_total')))), 'sent'],
        [orZero(sum(rate(replicas('weir_frames_dropped_total')))), 'left out'],
      ],
    }),
  ),
  graphs(
    'Nginx and machines',
    graph({
      title: 'Nginx requests',
      description: 'Requests a second at the front door, static files included.',
      unit: units.RequestsPerSecond,
      queries: [['sum(rate(nginx_http_requests_total[$__rate_interval]))', 'requests']],
    }),
    graph({
      title: 'Nginx connections',
      description:
        'Open connections from clients; sockets keep theirs. Turned away (each interval): more than worker_connections allows.',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['sum(nginx_connections_active)', 'open'],
        [
          'sum(increase(nginx_connections_accepted[$__rate_interval]) - increase(nginx_connections_handled[$__rate_interval]))',
          'turned away',
        ],
      ],
    }),
    graph({
      title: 'Machines: CPU and memory',
      description: 'Share in use of each machine, whoever uses it.',
      unit: units.PercentUnit,
      thresholds: LIMITS.cpu(),
      queries: [
        ['instance:node_cpu:saturation', 'cpu {{instance}}'],
        ['instance:node_memory:saturation', 'memory {{instance}}'],
      ],
    }),
    graph({
      title: 'Machines: disks',
      description: 'Share in use of each file system that is not in memory.',
      unit: units.PercentUnit,
      thresholds: LIMITS.disk(),
      queries: [['device:node_filesystem:saturation', '{{instance}} {{device}}']],
    }),
  ),
];
