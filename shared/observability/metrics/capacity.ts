import { CAPACITY_LEVELS } from '../../workflow/capacity-level.ts';
import type { MetricBook } from './metric-book.ts';

/** The state of the cluster as each replica reads it with its heartbeat, and who leads. */
export function capacityMetrics(book: MetricBook) {
  const metrics = {
    users: book.gauge('weir_users_active', { by: 'cluster', help: 'Users with a live lease.' }),
    maxUsers: book.gauge('weir_users_limit', { by: 'cluster', help: 'User limit.' }),
    slots: book.gauge('weir_slots_held', { by: 'cluster', help: 'Runs that hold a slot.' }),
    maxSlots: book.gauge('weir_slots_limit', { by: 'cluster', help: 'Slot limit.' }),
    ready: book.gauge('weir_ready_runs', {
      by: 'cluster',
      help: 'Runs with a slot that no worker has taken yet.',
    }),
    queueLength: book.gauge('weir_queue_length', { by: 'cluster', help: 'Runs waiting in the queue.' }),
    queueLimit: book.gauge('weir_queue_limit', {
      by: 'cluster',
      help: 'Runs that may wait in the queue; more are refused.',
    }),
    queueOldest: book.gauge('weir_queue_oldest_seconds', {
      by: 'cluster',
      help: 'How long the run has waited that was accepted first of those that wait; 0: nobody waits.',
    }),
    queueTimeout: book.gauge('weir_queue_timeout_seconds', {
      by: 'cluster',
      help: 'Longest wait in the queue; what waits longer is timed out.',
    }),
    level: book.gauge('weir_capacity_level', {
      by: 'cluster',
      help: '0 normal, 1 elevated, 2 degraded, 3 saturated.',
    }),
    levelChanges: book.counter('weir_level_changes_total', {
      by: 'cluster',
      help: 'Changes of the capacity level, by the level they led to; each replica counts all it hears of.',
      labels: ['to'],
    }),
    incidents: book.gauge('weir_incidents_open', { by: 'cluster', help: 'Open incidents on the status page.' }),
    leaseDrift: book.gauge('weir_lease_drift', {
      by: 'leader',
      help: 'Slots held in Redis minus runs that Postgres says are running or granted; 0 at rest.',
    }),
    leader: book.gauge('weir_leader', { by: 'replica', help: '1 on the replica that leads.' }),
    epoch: book.gauge('weir_leader_epoch', { by: 'replica', help: 'Epoch of the last leadership of this replica.' }),
  };
  for (const to of CAPACITY_LEVELS) metrics.levelChanges.inc({ to }, 0);
  return metrics;
}
