import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations.ts';
import type { Placed } from './panels.ts';
import { datasourceVariable, replicaVariable, workflowVariable } from './variables.ts';

/** Of every dashboard; the links between them go by it. */
const TAG = 'weir';
/** Columns of Grafana's grid. */
const COLUMNS = 24;

export interface Row {
  title: string;
  /** In units of Grafana's grid (30 px). */
  height: number;
  /** Side by side, equally wide: 1, 2, 3, 4, 6 or 8. */
  panels: readonly Placed[];
}

export interface DashboardAbout {
  /** Part of every link to it: never changes. */
  uid: string;
  title: string;
  description: string;
  tags: readonly string[];
  /** How far it looks back when it is opened, as in `now-1h`. */
  from: string;
  /** Whether a panel asks for `$workflow`. */
  byWorkflow: boolean;
  rows: readonly Row[];
}

/** Numbers over a few words; they need no height. */
export function numbers(title: string, ...panels: Placed[]): Row {
  return { title, height: 4, panels };
}

export function graphs(title: string, ...panels: Placed[]): Row {
  return { title, height: 9, panels };
}

/** A dashboard with what all of them share: refresh, time, variables, annotations and links to the others. */
export function dashboard(about: DashboardAbout): Dashboard {
  const builder = new DashboardBuilder(about.title)
    .uid(about.uid)
    .description(about.description)
    .tags([TAG, ...about.tags])
    .timezone('browser')
    .time({ from: about.from, to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([datasourceVariable(), replicaVariable(), ...(about.byWorkflow ? [workflowVariable()] : [])])
    .annotations(annotations())
    .link(
      new DashboardLinkBuilder('Weir')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    );
  let y = 0;
  about.rows.forEach((row, index) => {
    // The third panel of the second row is 203: links to a panel survive changes in other rows.
    const rowId = (index + 1) * 100;
    builder.withRow(new RowBuilder(row.title).id(rowId).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y += 1;
    const w = COLUMNS / row.panels.length;
    row.panels.forEach((panel, position) => {
      panel.id(rowId + position + 1);
      panel.gridPos({ x: position * w, y, w, h: row.height });
      builder.withPanel(panel);
    });
    y += row.height;
  });
  return visible(builder.build());
}

/** The SDK puts links and switches of annotations into a menu that is closed; without a place they are above the graphs. */
function visible(board: Dashboard): Dashboard {
  for (const shown of [...(board.links ?? []), ...(board.annotations?.list ?? [])]) delete shown.placement;
  return board;
}
