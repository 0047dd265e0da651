import { expect } from 'chai';
import {
  type Choice,
  interpolate,
  panelQueries,
  readDashboards,
} from '../../tests/support/monitoring/dashboard-queries.ts';
import { type LoadedCluster, loadedCluster, quick } from '../../tests/support/monitoring/loaded-cluster.ts';
import type { Series } from '../../tests/support/monitoring/prometheus-client.ts';
import { ZERO_WHILE_SCRAPED } from './promql.ts';

const ALL: Choice = { instance: '.*', workflow: '.*', rateInterval: '20s', interval: '5s' };
const ONE: Choice = { ...ALL, instance: '(replica-1|replica-2)', workflow: 'greets' };

/** Queries whose values may all be zero although everything happened, and why. */
const MAY_BE_ZERO: Record<string, string> = {
  'Errors / Runs put back / writes refused': 'a worker that has lost its lease usually finds out by itself',
  'Errors / Slots without a run / drift': 'none but for moments: more would be a defect of the cluster',
  'System health / Commands and evictions / evictions': 'this Redis never evicts',
  'System health / Queue / ready, not taken': 'workers take them between two scrapes',
  'System health / Frames sent and left out / left out': 'a client would have to be megabytes behind',
  'System health / Nginx connections / turned away': 'it would take thousands of connections',
};

describe('the dashboards on a Prometheus that watched a loaded cluster', function () {
  this.timeout(60_000);
  let loaded: LoadedCluster;

  before(async function () {
    this.timeout(240_000);
    loaded = await loadedCluster();
  });
  after(async function () {
    this.timeout(30_000);
    await loaded?.stage.close();
  });

  const ask = (expr: string, instant: boolean, choice: Choice): Promise<Series[]> => {
    const { prometheus, from, to } = loaded;
    const query = quick(interpolate(expr, choice));
    return instant ? prometheus.instant(query, to) : prometheus.range(query, { from, to, step: 1 });
  };

  it('excuses only queries that exist', () => {
    const names = [...readDashboards().values()].flatMap(panelQueries).map(({ name }) => name);
    expect(names).to.include.members(Object.keys(MAY_BE_ZERO));
  });

  for (const dashboard of readDashboards().values()) {
    describe(dashboard.title, () => {
      it('finds data for every query of every panel, also without what fills in zeros', async () => {
        const empty: string[] = [];
        for (const { name, expr, instant } of panelQueries(dashboard)) {
          const found = await ask(expr.replace(ZERO_WHILE_SCRAPED, ''), instant, ALL);
          if (!hasNumbers(found)) empty.push(name);
        }
        expect(empty).to.deep.equal([]);
      });

      it('shows something other than zero wherever something happened', async () => {
        const zero: string[] = [];
        for (const { name, expr } of panelQueries(dashboard)) {
          const found = await ask(expr, false, ALL);
          if (hasNumbers(found) && found.every(({ values }) => values.every(({ value }) => value === 0)))
            zero.push(name);
        }
        expect(zero.filter((name) => !(name in MAY_BE_ZERO))).to.deep.equal([]);
      });

      it('asks nothing that Prometheus refuses when a reader chooses some replicas and a workflow', async () => {
        for (const { expr, instant } of panelQueries(dashboard)) await ask(expr, instant, ONE);
      });

      it('offers values for every variable and marks deploys, changes of the level, switches of the provider and critical alerts', async () => {
        for (const { name, definition } of dashboard.templating.list) {
          if (definition === undefined) continue;
          const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
          expect(await loaded.prometheus.labelValues(label, selector), name).to.not.be.empty;
        }
        for (const { name, target } of dashboard.annotations.list) {
          const found = await ask(target.expr, false, { ...ALL, interval: '2s' });
          expect(
            found.some(({ values }) => values.some(({ value }) => value > 0)),
            name,
          ).to.equal(true);
        }
      });
    });
  }
});

function hasNumbers(found: Series[]): boolean {
  return found.some(({ values }) => values.some(({ value }) => Number.isFinite(value)));
}
