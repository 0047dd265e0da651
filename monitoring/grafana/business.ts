import * as units from '@grafana/grafana-foundation-sdk/units';
import { dashboard, graphs, numbers } from './dashboard.ts';
import { graph, ranking, stat } from './panels.ts';
import { gained, orZero, quantile, ratio, replicas, sum, workflows } from './promql.ts';
import { falling, noneExpected } from './thresholds.ts';

const HOUR = '1h';
const started = workflows('weir_runs_started_total');
const finished = (status: string) => workflows('weir_runs_finished_total', `status="${status}"`);
const cost = replicas('weir_llm_cost_usd_total');
const tokens = replicas('weir_llm_tokens_total');
const wait = replicas('weir_queue_wait_seconds');
const inHour = (counter: string, ...by: string[]) => sum(gained(counter, HOUR), ...by);

/** What the service is used for, and what that costs. */
export const business = dashboard({
  uid: 'weir-business',
  title: 'Weir / Business',
  description: 'Runs, the people behind them, how long they wait, and what the models cost.',
  tags: ['business'],
  byWorkflow: true,
  rows: [
    numbers(
      'Last hour',
      stat({
        title: 'Runs started',
        description: 'Runs that a worker began in the last hour, retries included.',
        unit: units.Short,
        decimals: 0,
        queries: [[orZero(inHour(started)), 'started']],
      }),
      stat({
        title: 'Runs succeeded',
        description: 'Runs that ended well in the last hour.',
        unit: units.Short,
        decimals: 0,
        queries: [[orZero(inHour(finished('succeeded'))), 'succeeded']],
      }),
      stat({
        title: 'Runs failed',
        description: 'Runs that ended in an error in the last hour. The dashboard Errors says which.',
        unit: units.Short,
        decimals: 0,
        thresholds: noneExpected(),
        queries: [[orZero(inHour(finished('failed'))), 'failed']],
      }),
      stat({
        title: 'Timed out waiting',
        description:
          'Runs that waited in the queue for the longest time allowed and never started. Each is a user who was let down: more slots, or fewer starts.',
        unit: units.Short,
        decimals: 0,
        thresholds: noneExpected(),
        queries: [[orZero(inHour(finished('timed_out'))), 'timed out']],
      }),
      stat({
        title: 'Success rate',
        description:
          'Runs that succeeded among those that succeeded, failed or timed out in the last hour. No data: none ended.',
        unit: units.PercentUnit,
        decimals: 1,
        thresholds: falling(0.99, 0.95),
        queries: [
          [
            ratio(inHour(finished('succeeded')), inHour(workflows('weir_runs_finished_total', 'status!="cancelled"'))),
            'succeeded',
          ],
        ],
      }),
      stat({
        title: 'Median wait',
        description:
          'Half of the runs that got a slot in the last hour waited less than this from acceptance. No data: none got one.',
        unit: units.Seconds,
        queries: [[quantile(0.5, wait, HOUR), 'median']],
      }),
    ),
    graphs(
      'Runs',
      graph({
        title: 'Runs per hour',
        description: 'At each moment: runs of the hour before it, by what became of them.',
        unit: units.Short,
        queries: [
          [orZero(inHour(started)), 'started'],
          [inHour(workflows('weir_runs_finished_total'), 'status'), '{{status}}'],
        ],
      }),
      graph({
        title: 'Started per hour by workflow',
        description: 'At each moment: runs begun in the hour before it. Names beyond the first hundred are "other".',
        unit: units.Short,
        stacked: true,
        queries: [[inHour(started, 'workflow'), '{{workflow}}']],
      }),
      graph({
        title: 'Duration of runs',
        description: 'From slot to end, runs that succeeded; waiting in the queue is not in it. All workflows.',
        unit: units.Seconds,
        queries: [
          [quantile(0.5, replicas('weir_run_duration_seconds', 'status="succeeded"'), HOUR), 'median'],
          [quantile(0.95, replicas('weir_run_duration_seconds', 'status="succeeded"'), HOUR), 'p95'],
        ],
      }),
    ),
    graphs(
      'People and waiting',
      graph({
        title: 'Users',
        description:
          'People connected now, and how many there is room for. Comforts go off from 90 %; the dashboard Capacity has more.',
        unit: units.Short,
        decimals: 0,
        queries: [
          ['cluster:weir_users:max', 'users'],
          ['cluster:weir_users_limit:max', 'limit'],
        ],
      }),
      graph({
        title: 'Wait for a slot',
        description: 'From acceptance to slot. All workflows.',
        unit: units.Seconds,
        queries: [
          [quantile(0.5, wait, '10m'), 'median'],
          [quantile(0.95, wait, '10m'), 'p95'],
        ],
      }),
      graph({
        title: 'Starts per hour by answer',
        description:
          'What people were told who asked for a run, in the hour before each moment: started at once, queued, or why not.',
        unit: units.Short,
        stacked: true,
        queries: [[inHour(replicas('weir_admissions_total'), 'outcome'), '{{outcome}}']],
      }),
    ),
    numbers(
      'Models',
      stat({
        title: 'Cost in the last hour',
        description: 'Tokens times the prices in the settings. No data: no price is set, or no model was asked.',
        unit: units.Dollars,
        decimals: 2,
        queries: [[inHour(cost), 'cost']],
      }),
      stat({
        title: 'Cost in the last 24 hours',
        description: 'As the last hour. Counters of replicas that are gone are included.',
        unit: units.Dollars,
        decimals: 2,
        queries: [[sum(gained(cost, '24h')), 'cost']],
      }),
      stat({
        title: 'Cost per succeeded run',
        description: 'Cost of the last hour over the runs that succeeded in it, those without a model step included.',
        unit: units.Dollars,
        decimals: 4,
        queries: [[ratio(inHour(cost), inHour(replicas('weir_runs_finished_total', 'status="succeeded"'))), 'per run']],
      }),
      stat({
        title: 'Tokens in the last hour',
        description: 'Prompts and answers together, as the providers count them.',
        unit: units.Short,
        queries: [[orZero(inHour(tokens)), 'tokens']],
      }),
    ),
    graphs(
      'Models over time',
      graph({
        title: 'Tokens per hour',
        description: 'In the hour before each moment, by provider and direction (input: prompts, output: answers).',
        unit: units.Short,
        stacked: true,
        queries: [[inHour(tokens, 'provider', 'direction'), '{{provider}} {{direction}}']],
      }),
      graph({
        title: 'Cost per hour',
        description: 'In the hour before each moment, by model. No data: no price is set.',
        unit: units.Dollars,
        decimals: 2,
        stacked: true,
        queries: [[inHour(cost, 'provider', 'model'), '{{provider}} {{model}}']],
      }),
      ranking({
        title: 'Tokens by user, last hour',
        description:
          'The ten people who used most. Users beyond the first few hundred of a replica are counted as "other".',
        unit: units.Short,
        queries: [[`sort_desc(topk(10, ${inHour(replicas('weir_llm_user_tokens_total'), 'user')}))`, '{{user}}']],
      }),
    ),
  ],
});
