import { comfortRows } from './capacity/comforts.ts';
import { forecastRows } from './capacity/forecast.ts';
import { nowRows } from './capacity/now.ts';
import { dashboard } from './dashboard.ts';

/** How full the house is, and when it will be too small. */
export const capacity = dashboard({
  uid: 'weir-capacity',
  title: 'Weir / Capacity',
  description: 'Users, slots, queue and level against their limits; growth and what it leads to.',
  tags: ['capacity'],
  from: 'now-7d',
  byWorkflow: true,
  rows: [...nowRows, ...comfortRows, ...forecastRows],
});
