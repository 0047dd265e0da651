import { modelUsageRows } from './business/model-usage.ts';
import { peopleRows } from './business/people.ts';
import { runRows } from './business/runs.ts';
import { dashboard } from './dashboard.ts';

/** What the service is used for, and what that costs. */
export const business = dashboard({
  uid: 'weir-business',
  title: 'Weir / Business',
  description: 'Runs, the people behind them, how long they wait, and what the models cost.',
  tags: ['business'],
  from: 'now-24h',
  byWorkflow: true,
  rows: [...runRows, ...peopleRows, ...modelUsageRows],
});
