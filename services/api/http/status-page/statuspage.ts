import { COMPONENT_NAMES, COMPONENTS } from '../../../../shared/protocol/components.ts';
import {
  IMPACTS,
  type Impact,
  type Incident,
  type StatuspageSummary,
  type SystemStatus,
} from '../../../../shared/protocol/http.ts';

type Indicator = StatuspageSummary['status']['indicator'];

const PAGE = 'weir';
const DESCRIPTIONS: Record<Indicator, string> = {
  none: 'All Systems Operational',
  minor: 'Partially Degraded Service',
  major: 'Partial System Outage',
  critical: 'Major System Outage',
  maintenance: 'Service Under Maintenance',
};
const COMPONENT_STATUS = {
  operational: 'operational',
  degraded: 'degraded_performance',
  down: 'major_outage',
} as const;

/** The status in the shape of Atlassian Statuspage's `summary.json` (developer.statuspage.io, "Status API v2"). `url`: of the service. */
export function statuspageSummary(status: SystemStatus, url: string): StatuspageSummary {
  const { at, components, incidents, maintenance } = status;
  const underWay = maintenance.filter((one) => one.status === 'in_progress');
  const indicator = indicatorOf(status, underWay.length > 0);
  return {
    page: { id: PAGE, name: 'Weir', url: `${url}/status`, time_zone: 'Etc/UTC', updated_at: at },
    status: { indicator, description: DESCRIPTIONS[indicator] },
    components: components.map(({ name, status: health }, index) => ({
      id: name,
      name: nameOf(name),
      status: underWay.some((one) => one.components.includes(name)) ? 'under_maintenance' : COMPONENT_STATUS[health],
      position: index + 1,
      description: null,
      group_id: null,
      group: false,
      only_show_if_degraded: false,
      page_id: PAGE,
      updated_at: at,
    })),
    incidents: incidents.map((incident) => incidentOf(incident, incident.impact, url)),
    scheduled_maintenances: maintenance.flatMap((one) =>
      one.scheduled_for === null || one.scheduled_until === null
        ? []
        : [
            {
              ...incidentOf(one, 'maintenance', url),
              scheduled_for: one.scheduled_for,
              scheduled_until: one.scheduled_until,
            },
          ],
    ),
  };
}

/** The worst of what the incidents say and of what can be seen before there is an incident about it. */
function indicatorOf({ status, components, incidents }: SystemStatus, maintained: boolean): Indicator {
  const seen: Impact[] = [
    ...incidents.map(({ impact }) => impact),
    ...components.map(
      ({ status: health }) => (({ operational: 'none', degraded: 'minor', down: 'major' }) as const)[health],
    ),
    ({ Healthy: 'none', Degraded: maintained ? 'none' : 'minor', Down: 'critical' } as const)[status],
  ];
  const worst = IMPACTS[Math.max(...seen.map((impact) => IMPACTS.indexOf(impact)))] ?? 'none';
  return worst === 'none' && maintained ? 'maintenance' : worst;
}

function incidentOf(incident: Incident, impact: Indicator, url: string): StatuspageSummary['incidents'][number] {
  const { id, updates } = incident;
  const first = updates.at(-1)?.at ?? incident.started_at;
  return {
    id,
    name: incident.title,
    status: incident.status,
    impact,
    shortlink: `${url}/status#incident-${id}`,
    page_id: PAGE,
    created_at: first,
    started_at: incident.started_at,
    updated_at: updates[0]?.at ?? first,
    monitoring_at: updates.find(({ status }) => status === 'monitoring')?.at ?? null,
    resolved_at: incident.resolved_at,
    incident_updates: updates.map((update) => ({
      id: update.id,
      status: update.status,
      body: update.message,
      incident_id: id,
      created_at: update.at,
      updated_at: update.at,
      display_at: update.at,
    })),
    components: incident.components.map((name) => ({ id: name, name: nameOf(name) })),
    estimated_resolution_at: incident.estimated_resolution_at,
    estimate_confidence: incident.estimate_confidence,
  };
}

/** Of a component of another release the name itself. */
export function nameOf(component: string): string {
  const known = COMPONENTS.find((name) => name === component);
  return known === undefined ? component : COMPONENT_NAMES[known];
}
