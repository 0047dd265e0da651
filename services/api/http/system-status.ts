import type { CapacityState } from '../../../redis/results.ts';
import type { Component, Incident, ReadyAnswer, SystemStatus } from '../../../shared/protocol/http.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { type Comfort, levelRank } from '../../../shared/workflow/capacity-level.ts';
import { waitAt } from '../admission/estimate.ts';
import { isMaintenance, outlook } from '../incidents/outlook.ts';

export interface StatusParts {
  /** null: Redis is away or being rebuilt. */
  state: CapacityState | null;
  parts: ReadyAnswer['parts'];
  /** Comforts that are off. */
  disabled: readonly Comfort[];
  providers: SystemStatus['providers'];
  /** Open ones and planned maintenance, newest first. */
  incidents: readonly Incident[];
  now: Date;
}

export type ComponentStatus = SystemStatus['components'][number]['status'];

const UNAVAILABLE = 'We cannot accept new workflows right now';
const MODELS_AWAY = 'No model provider answers right now - steps that ask a model wait';
const COORDINATION_AWAY = 'New workflows are accepted and start as soon as coordination is back';

/** What the public status page says. */
export function systemStatus({ state, parts, disabled, providers, incidents, now }: StatusParts): SystemStatus {
  const components = componentsOf(state, parts, providers);
  const issues = incidents.filter((incident) => !isMaintenance(incident));
  const maintenance = incidents
    .filter(isMaintenance)
    .sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
  const felt = [...issues, ...maintenance.filter(({ status }) => status === 'in_progress')].some(
    ({ impact }) => impact !== 'none',
  );
  const degraded = state !== null && levelRank(state.level.level) >= levelRank('degraded');
  return {
    status: overall(components, degraded || felt),
    message: messageOf(state, parts, providers),
    capacity: {
      level: state?.level.level ?? null,
      active_users: state?.level.activeUsers ?? null,
      max_users: state?.limits.max_users ?? null,
      active_workflows: state?.slotsHeld ?? null,
      max_workflows: state?.limits.max_workflows ?? null,
    },
    queue: {
      length: state?.queueLength ?? null,
      // What somebody who starts a run now would wait.
      estimated_wait_seconds: state === null ? null : waitAt(state.estimate, state.queueLength + 1),
    },
    features: { disabled: [...disabled] },
    providers,
    components,
    incidents: issues,
    maintenance,
    ...outlook(issues),
    at: now.toISOString(),
  };
}

/** Down: nothing can be accepted. Degraded: something is missing or slower than people are used to. */
function overall(components: SystemStatus['components'], degraded: boolean): SystemStatus['status'] {
  if (components.some(({ name, status }) => name === 'postgres' && status === 'down')) return 'Down';
  return degraded || components.some(({ status }) => status !== 'operational') ? 'Degraded' : 'Healthy';
}

function messageOf(
  state: CapacityState | null,
  parts: ReadyAnswer['parts'],
  providers: SystemStatus['providers'],
): string | null {
  if (parts.postgres === 'down') return UNAVAILABLE;
  if (state === null) return COORDINATION_AWAY;
  if (state.level.level !== 'normal') return TEXTS.highDemand;
  return MODEL_MESSAGES[modelsStatus(providers)];
}

const MODEL_MESSAGES: Record<ComponentStatus, string | null> = {
  operational: null,
  degraded: TEXTS.providerSwitched,
  down: MODELS_AWAY,
};

/** Degraded: another provider than the primary answers. */
function modelsStatus(providers: SystemStatus['providers']): ComponentStatus {
  const active = providers.findIndex((provider) => provider.active);
  if (providers.length === 0 || active === 0) return 'operational';
  return active < 0 ? 'down' : 'degraded';
}

/** How each part of the service fares, as far as this replica can tell. */
export function componentsOf(
  state: CapacityState | null,
  parts: ReadyAnswer['parts'],
  providers: SystemStatus['providers'],
): Array<{ name: Component; status: ComponentStatus }> {
  const workers = state?.replicas.filter((replica) => replica.roles.includes('worker')).length;
  const unknownOr = (there: boolean | undefined): ComponentStatus =>
    there === undefined ? 'degraded' : there ? 'operational' : 'down';
  return [
    { name: 'api', status: 'operational' },
    { name: 'postgres', status: parts.postgres === 'up' ? 'operational' : 'down' },
    { name: 'redis', status: ({ up: 'operational', rebuilding: 'degraded', down: 'down' } as const)[parts.redis] },
    { name: 'dispatcher', status: unknownOr(state === null ? undefined : state.leader !== null) },
    { name: 'workers', status: unknownOr(workers === undefined ? undefined : workers > 0) },
    { name: 'models', status: modelsStatus(providers) },
  ];
}
