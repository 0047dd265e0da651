import type { Standing } from '../../../services/api/http/status-page/status-board.ts';
import { COMPONENTS } from '../../../shared/protocol/components.ts';
import type { SystemStatus, UptimeAnswer } from '../../../shared/protocol/http.ts';

export const AT = '2026-01-01T14:02:03.000Z';

/** A healthy service at 14:02; `but` says what is different. */
export function sampleStatus(but: Partial<SystemStatus> = {}): SystemStatus {
  return {
    status: 'Healthy',
    message: null,
    capacity: { level: 'normal', active_users: 5, max_users: 25, active_workflows: 1, max_workflows: 10 },
    queue: { length: 0, estimated_wait_seconds: null },
    features: { disabled: [] },
    providers: [],
    components: COMPONENTS.map((name) => ({ name, status: 'operational' })),
    incidents: [],
    maintenance: [],
    estimated_resolution_at: null,
    estimate_confidence: null,
    at: AT,
    ...but,
  };
}

/** `lastDay`: of every component. */
export function sampleUptime(lastDay: Partial<UptimeAnswer['components'][number]['days'][number]> = {}): UptimeAnswer {
  const unknown = { uptime_ratio: null, down_seconds: 0, degraded_seconds: 0, known_seconds: 0 };
  const days = Array.from({ length: 90 }, (_, n) => ({
    date: new Date(Date.parse('2025-10-04') + n * 86_400_000).toISOString().slice(0, 10),
    ...unknown,
    ...(n === 89 ? { uptime_ratio: 1, known_seconds: 3_600, ...lastDay } : {}),
  }));
  return { days: 90, components: COMPONENTS.map((name) => ({ name, uptime_ratio: 0.99999, days })), at: AT };
}

export function sampleStanding(but: Partial<Standing> = {}): Standing {
  return { status: sampleStatus(), past: [], uptime: sampleUptime(), ...but };
}
