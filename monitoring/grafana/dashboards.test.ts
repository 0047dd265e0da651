import { expect } from 'chai';
import {
  type DashboardJson,
  type PanelJson,
  readDashboards,
} from '../../tests/support/monitoring/dashboard-queries.ts';

const COLUMNS = 24;
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
const CHOSEN_SOURCE = '${datasource}';

const dashboards = readDashboards();
const all = [...dashboards.values()];
const panelsOf = ({ panels }: DashboardJson) => panels.filter(({ type }) => type !== 'row');
/** Sentences about every panel for which `fault` has one. */
const faults = (fault: (panel: PanelJson) => string | false | undefined) =>
  all.flatMap((board) =>
    panelsOf(board).flatMap((panel) => {
      const what = fault(panel);
      return what ? [`${board.title} / ${panel.title}: ${what}`] : [];
    }),
  );

describe('the dashboards as Grafana loads them', () => {
  it('are five, each in the file that is called like its address', () => {
    expect(all.map(({ title }) => title).sort()).to.deep.equal(
      ['Business', 'Capacity', 'Errors', 'SLA', 'System health'].map((name) => `Weir / ${name}`),
    );
    expect([...dashboards.keys()]).to.deep.equal(all.map(({ uid }) => `${uid}.json`));
    expect(new Set(all.map(({ uid }) => uid))).to.have.property('size', all.length);
  });

  it('look again every 30 seconds and lead to each other with the choices of the reader', () => {
    for (const { title, refresh, tags, links } of all) {
      expect(refresh, title).to.equal('30s');
      expect(tags, title).to.include('weir');
      expect(links, title).to.have.length(1);
      expect(links[0], title).to.deep.include({
        type: 'dashboards',
        tags: ['weir'],
        includeVars: true,
        keepTime: true,
      });
    }
  });

  it('say of every panel what its number means, in which unit, and what is shown when there is none', () => {
    expect(
      faults(({ title, description = '', fieldConfig }) => {
        const { unit = '', noValue } = fieldConfig?.defaults ?? {};
        if (title === '' || unit === '') return 'without a title or a unit';
        if (noValue !== 'No data') return 'nothing instead of "No data"';
        return !/^\S.{20,}[.)]$/.test(description) && `"${description}" is no sentence`;
      }),
    ).to.deep.equal([]);
  });

  it('give every panel queries, each with a name of its own in the legend', () => {
    expect(
      faults(({ targets = [] }) => {
        if (targets.length === 0) return 'without a query';
        if (new Set(targets.map(({ refId }) => refId)).size < targets.length) return 'two queries with one letter';
        return new Set(targets.map(({ legendFormat }) => legendFormat || '')).size < targets.length && 'a legend twice';
      }),
    ).to.deep.equal([]);
  });

  it('colour every single number, and every step of a colour is above the one before', () => {
    expect(
      faults(({ type, fieldConfig }) => {
        const { thresholds, mappings = [] } = fieldConfig?.defaults ?? {};
        const steps = thresholds?.steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY) ?? [];
        if (['stat', 'bargauge'].includes(type) && steps.length + mappings.length === 0) return 'without a colour';
        if (steps.some((value, index) => value <= (steps[index - 1] ?? Number.NaN))) return `steps ${steps}`;
        return steps.length > 0 && steps[0] !== Number.NEGATIVE_INFINITY && 'no colour for the lowest values';
      }),
    ).to.deep.equal([]);
  });

  it('lay no panel over another one, none outside the page, and number them so that a link finds one', () => {
    for (const { title, panels } of all) {
      expect(new Set(panels.map(({ id }) => id)), `${title}: ids`).to.have.property('size', panels.length);
      const taken = new Map<string, string>();
      for (const { title: name, gridPos } of panels) {
        const { x, y, w, h } = gridPos;
        expect([x, y, w, h].every(Number.isInteger), `${title} / ${name}: whole columns`).to.equal(true);
        expect(x >= 0 && x + w <= COLUMNS && w > 0 && h > 0, `${title} / ${name}: on the page`).to.equal(true);
        for (let column = x; column < x + w; column++) {
          for (let row = y; row < y + h; row++) {
            const place = `${column},${row}`;
            expect(taken.get(place), `${title} / ${name} lies over`).to.equal(undefined);
            taken.set(place, name);
          }
        }
      }
    }
  });

  it('ask the data source that the reader has chosen, never one by its own name', () => {
    for (const { title, panels, templating, annotations } of all) {
      const sources = [
        ...panels.flatMap(({ type, datasource, targets = [] }) =>
          type === 'row' ? [] : [datasource, ...targets.map((target) => target.datasource)],
        ),
        ...templating.list.flatMap(({ type, datasource }) => (type === 'datasource' ? [] : [datasource])),
        ...annotations.list.map(({ datasource }) => datasource),
      ];
      expect(new Set(sources.map((source) => source?.uid)), title).to.deep.equal(new Set([CHOSEN_SOURCE]));
    }
  });

  it('let the reader choose replicas, and workflows where a panel tells them apart', () => {
    for (const board of all) {
      const names = board.templating.list.map(({ name }) => name);
      const queries = panelsOf(board).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
      const asked = ['instance', 'workflow'].filter((name) => queries.some((query) => query.includes(`$${name}`)));
      expect(names, board.title).to.deep.equal(['datasource', ...asked]);
      expect(asked, board.title).to.include('instance');
    }
  });

  it('mark deploys, changes of the level, switches of the provider and critical alerts', () => {
    for (const { title, annotations } of all) {
      const names = annotations.list.map(({ name }) => name);
      expect(names, title).to.deep.equal(['Deploys', 'Level changes', 'Provider switches', 'Critical alerts']);
    }
  });
});
