import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';

const FOLDER = join(PACKAGE_ROOT, 'monitoring/grafana/dashboards');

/** What tests look at in the JSON that Grafana loads; the whole of it: types of Grafana's SDK. */
export interface DashboardJson {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  refresh: string;
  time: { from: string; to: string };
  links: Array<{ type: string; tags: string[]; includeVars: boolean; keepTime: boolean }>;
  panels: PanelJson[];
  templating: { list: Array<{ name: string; type: string; definition?: string; datasource?: { uid: string } }> };
  annotations: { list: Array<{ name: string; datasource: { uid: string }; target: { expr: string } }> };
}

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: {
    defaults: {
      unit?: string;
      noValue?: string;
      mappings?: unknown[];
      thresholds?: { steps: Array<{ value: number | null; color: string }> };
    };
  };
  targets?: Array<{ refId: string; expr: string; legendFormat: string; instant: boolean; datasource: { uid: string } }>;
}

/** By the name of the file. */
export function readDashboards(): Map<string, DashboardJson> {
  const names = readdirSync(FOLDER).sort();
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as DashboardJson] as const),
  );
}

export interface PanelQuery {
  /** As lists of exceptions name it: `System health / Hit rate / hits`. */
  name: string;
  expr: string;
  instant: boolean;
}

/** Every query of every panel. */
export function panelQueries(dashboard: DashboardJson): PanelQuery[] {
  const board = dashboard.title.replace('Weir / ', '');
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat, instant }) => ({
      name: `${board} / ${title} / ${legendFormat}`,
      expr,
      instant,
    })),
  );
}

export interface Choice {
  instance: string;
  workflow: string;
  /** `$__rate_interval` and `$__interval` (Prometheus durations). */
  rateInterval: string;
  interval: string;
}

/** The expression as Grafana sends it to Prometheus. A variable that nobody fills in is an error. */
export function interpolate(expression: string, choice: Choice): string {
  const filled = expression
    .replaceAll('$__rate_interval', choice.rateInterval)
    .replaceAll('$__interval', choice.interval)
    .replaceAll('$instance', choice.instance)
    .replaceAll('$workflow', choice.workflow);
  if (filled.includes('$')) throw new Error(`a variable without a value: ${filled}`);
  return filled;
}
