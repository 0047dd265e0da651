import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, numbers, type Row } from '../dashboard.ts';
import { graph, stat, timeline } from '../panels.ts';
import { recorded } from '../promql.ts';
import { LEVELS } from '../states.ts';
import { LIMITS, rising, userLevels } from '../thresholds.ts';

const filling = () => rising(0.8, 1);

export const nowRows: readonly Row[] = [
  numbers(
    'Now',
    stat({
      title: 'Level',
      description:
        'elevated: the queue drains at a fixed pace. degraded: comforts such as typing and presence are off. saturated: all places for users are taken.',
      unit: units.Short,
      mappings: LEVELS,
      queries: [['cluster:weir_capacity_level:max', 'level']],
    }),
    stat({
      title: 'Users',
      description: 'Share of the user limit. The levels begin at 80, 90 and 100 %.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: userLevels(),
      queries: [['cluster:weir_users:saturation', 'users']],
    }),
    stat({
      title: 'Slots',
      description:
        'Share of the slots that are held. At 100 % new runs wait; that is what the queue is for. No data: the limit is 0, starts are paused.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: filling(),
      queries: [['cluster:weir_slots:saturation', 'slots']],
    }),
    stat({
      title: 'Queue',
      description: 'Share of the places in the queue. At 100 % starts are refused.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.queue(),
      queries: [['cluster:weir_queue:saturation', 'queue']],
    }),
    stat({
      title: 'Oldest wait',
      description: 'How much of the longest wait allowed the oldest waiting run has behind it. At 100 % it times out.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.queueWait(),
      queries: [['cluster:weir_queue_wait:saturation', 'oldest']],
    }),
    stat({
      title: 'Scarcest of a replica',
      description: 'The fullest of processor, memory and Postgres pool among the chosen replicas.',
      unit: units.PercentUnit,
      decimals: 0,
      thresholds: LIMITS.cpu(),
      queries: [
        [
          `max(${recorded('instance:weir_cpu:saturation')} or ${recorded('instance:weir_memory:saturation')} or ${recorded('instance:weir_postgres_pool:saturation')})`,
          'scarcest',
        ],
      ],
    }),
  ),
  graphs(
    'Against the limits',
    graph({
      title: 'Users',
      description:
        'People connected now; the limit is cluster-wide and can be changed while running (weir capacity set max_users=…).',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['cluster:weir_users:max', 'users'],
        ['cluster:weir_users_limit:max', 'limit'],
      ],
    }),
    graph({
      title: 'Slots',
      description: 'Runs that hold a slot; never more than the limit.',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['cluster:weir_slots_held:max', 'held'],
        ['cluster:weir_slots_limit:max', 'limit'],
      ],
    }),
    graph({
      title: 'Queue',
      description: 'Runs that wait for a slot. Its limit is far above the usual: see the number above.',
      unit: units.Short,
      decimals: 0,
      queries: [['cluster:weir_queue_length:max', 'waiting']],
    }),
    graph({
      title: 'Oldest wait',
      description: 'How long the run that was accepted first has waited, and the longest wait allowed.',
      unit: units.Seconds,
      queries: [
        ['cluster:weir_queue_oldest_seconds:max', 'oldest'],
        ['cluster:weir_queue_timeout_seconds:max', 'limit'],
      ],
    }),
  ),
  graphs(
    'Over time',
    timeline({
      title: 'Level',
      description:
        'Levels follow the users: 80, 90 and 100 % of the limit, left again five points lower and ten seconds later.',
      unit: units.Short,
      mappings: LEVELS,
      queries: [['cluster:weir_capacity_level:max', 'level']],
    }),
    graph({
      title: 'Users, slots, queue and wait together',
      description: 'Each as a share of its limit: which one is reached first.',
      unit: units.PercentUnit,
      thresholds: userLevels(),
      queries: [
        ['cluster:weir_users:saturation', 'users'],
        ['cluster:weir_slots:saturation', 'slots'],
        ['cluster:weir_queue:saturation', 'queue'],
        ['cluster:weir_queue_wait:saturation', 'oldest wait'],
      ],
    }),
    graph({
      title: 'Processor, memory and pool',
      description:
        'The fullest of the chosen replicas, as a share of what one may use. Processor above 70 % for an hour: add a replica.',
      unit: units.PercentUnit,
      thresholds: LIMITS.cpu(),
      queries: [
        [`max(${recorded('instance:weir_cpu:saturation')})`, 'processor'],
        [`max(${recorded('instance:weir_memory:saturation')})`, 'memory'],
        [`max(${recorded('instance:weir_postgres_pool:saturation')})`, 'pool'],
      ],
    }),
  ),
];
