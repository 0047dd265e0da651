import { COMPONENTS } from '../../../../shared/protocol/components.ts';
import type { StatuspageSummary, SystemStatus } from '../../../../shared/protocol/http.ts';
import { statuspageSummary } from './statuspage.ts';
import { clock } from './words.ts';

/** What `GET /api/v1/system/status` is to say when nobody can be asked: nothing that was true then is said to be so now. */
export function staleStatus(status: SystemStatus): SystemStatus {
  const nobody = { level: null, active_users: null, max_users: null, active_workflows: null, max_workflows: null };
  return {
    ...status,
    status: 'Down',
    message: staleSentence(status.at),
    capacity: nobody,
    queue: { length: null, estimated_wait_seconds: null },
    providers: [],
    components: COMPONENTS.map((name) => ({ name, status: name === 'api' ? 'down' : 'degraded' })),
    estimated_resolution_at: null,
    estimate_confidence: null,
  };
}

export function staleSummary(status: SystemStatus, url: string): StatuspageSummary {
  return {
    ...statuspageSummary(staleStatus(status), url),
    status: { indicator: 'critical', description: staleSentence(status.at) },
  };
}

function staleSentence(at: string): string {
  return `As of ${clock(at, '')}, live data unavailable`;
}
