import { dashboard } from './dashboard.ts';
import { errorRows } from './sla/errors.ts';
import { latencyRows } from './sla/latency.ts';
import { nowRows } from './sla/now.ts';

/** What is promised, and whether it is kept. */
export const sla = dashboard({
  uid: 'weir-sla',
  title: 'Weir / SLA',
  description:
    'Objectives over 30 days: 99.9 % of API requests without an error of ours (availability), 95 % within 500 ms (latency), 99 % of runs begun within 500 ms of their slot (start), 99.5 % of accepted runs neither failed by us nor left waiting (runs).',
  tags: ['sla'],
  from: 'now-24h',
  byWorkflow: false,
  rows: [...nowRows, ...errorRows, ...latencyRows],
});
