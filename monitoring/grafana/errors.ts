import { dashboard } from './dashboard.ts';
import { providerCallRows } from './errors/provider-calls.ts';
import { requestErrorRows } from './errors/requests.ts';
import { runErrorRows } from './errors/runs.ts';

/** What goes wrong, where, and how often. */
export const errors = dashboard({
  uid: 'weir-errors',
  title: 'Weir / Errors',
  description: 'Problems by type and route, runs that failed, breakers and providers.',
  tags: ['errors'],
  from: 'now-6h',
  byWorkflow: true,
  rows: [...requestErrorRows, ...runErrorRows, ...providerCallRows],
});
