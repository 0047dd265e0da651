import * as bars from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { Panel, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as timelines from '@grafana/grafana-foundation-sdk/statetimeline';
import * as lines from '@grafana/grafana-foundation-sdk/timeseries';
import { plain, type Thresholds } from './thresholds.ts';
import { DATASOURCE } from './variables.ts';

/** A query: PromQL, and how its series are called in the legend. */
export type Query = readonly [expression: string, legend: string];

export interface PanelAbout {
  title: string;
  /** What the number says, what it should be, and what to do or look at when it is not. */
  description: string;
  /** Of Grafana; see units.ts of its SDK. */
  unit: string;
  queries: readonly Query[];
  decimals?: number;
  min?: number;
  max?: number;
  thresholds?: Thresholds;
  mappings?: ValueMapping[];
  /** Least time between two points, for queries that read a day for each. */
  step?: string;
}

/** A panel without its place: the dashboard gives it one. */
export type Placed = Builder<Panel> & { id(id: number): unknown; gridPos(place: GridPlace): unknown };
type GridPlace = { x: number; y: number; w: number; h: number };

/** Lines over time. Thresholds, if given, are drawn as dashed lines. */
export function graph(about: PanelAbout & { stacked?: boolean }): Placed {
  const panel = new lines.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(about.stacked === true ? 30 : 8)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .legend(tableLegend())
    .tooltip(allSeries())
    .axisSoftMin(0);
  if (about.stacked === true) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (about.thresholds !== undefined)
    panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  return furnished(panel, about, false);
}

/** One number now, coloured by its thresholds; a neutral colour where there are none. */
export function stat(about: PanelAbout): Placed {
  const panel = new stats.PanelBuilder()
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .textMode(common.BigValueTextMode.Auto)
    .reduceOptions(newest());
  return furnished(panel, { thresholds: plain(), ...about }, true);
}

/** Bars beside each other, the longest first: the query sorts. */
export function ranking(about: PanelAbout): Placed {
  const panel = new bars.PanelBuilder()
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Text)
    .showUnfilled(false)
    .reduceOptions(newest());
  return furnished(panel, { thresholds: plain(), min: 0, ...about }, true);
}

/** Which state when: one bar per series, coloured by `mappings`. */
export function timeline(about: PanelAbout & { mappings: ValueMapping[] }): Placed {
  const panel = new timelines.PanelBuilder()
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .fillOpacity(80)
    .lineWidth(0)
    .rowHeight(0.8)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single));
  return furnished(panel, about, false);
}

type AnyPanel = lines.PanelBuilder | stats.PanelBuilder | bars.PanelBuilder | timelines.PanelBuilder;

function furnished<P extends AnyPanel>(panel: P, about: PanelAbout, instant: boolean): P {
  panel.title(about.title);
  panel.description(about.description);
  panel.datasource(DATASOURCE);
  panel.unit(about.unit);
  panel.noValue('No data');
  if (about.decimals !== undefined) panel.decimals(about.decimals);
  if (about.min !== undefined) panel.min(about.min);
  if (about.max !== undefined) panel.max(about.max);
  if (about.step !== undefined) panel.interval(about.step);
  if (about.mappings !== undefined) panel.mappings(about.mappings);
  if (about.thresholds !== undefined) panel.thresholds(about.thresholds);
  panel.targets(about.queries.map((query, index) => target(query, index, instant)));
  return panel;
}

function target([expression, legend]: Query, index: number, instant: boolean): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATASOURCE)
    .expr(expression)
    .legendFormat(legend);
  return instant ? query.instant() : query.range();
}

function newest(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}

/** Below the panel, so that long names are not cut; the highest first. */
function tableLegend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['lastNotNull', 'max'])
    .sortBy('Last *')
    .sortDesc(true);
}

function allSeries(): common.VizTooltipOptionsBuilder {
  return new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);
}
