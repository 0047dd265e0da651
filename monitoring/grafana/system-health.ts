import { dashboard } from './dashboard.ts';
import { replicaRows } from './system-health/replicas.ts';
import { storeRows } from './system-health/stores.ts';
import { trafficRows } from './system-health/traffic.ts';

/** Whether the machinery is well: replicas, Postgres, Redis, Nginx, the machines. */
export const systemHealth = dashboard({
  uid: 'weir-system-health',
  title: 'Weir / System health',
  description: 'Processor, memory, event loop, connections, caches and sockets of every part.',
  tags: ['system'],
  from: 'now-1h',
  byWorkflow: false,
  rows: [...replicaRows, ...storeRows, ...trafficRows],
});
