import { type SystemStatus, systemStatusSchema } from '../../../../shared/protocol/http.ts';
import type { CapacityView } from '../../admission/capacity-view.ts';
import { FreshValue } from '../../admission/fresh-value.ts';
import type { Features } from '../../features/create-features.ts';
import type { IncidentView } from '../../incidents/incident-view.ts';
import type { DependencyCheck } from '../dependency-check.ts';
import { defineRoute, type Route } from '../route.ts';
import { systemStatus } from '../system-status.ts';

export interface StatusDeps {
  view: Pick<CapacityView, 'read'>;
  dependencies: Pick<DependencyCheck, 'read'>;
  /** Model providers as this replica sees them. */
  providers: () => SystemStatus['providers'];
  features: { watch: Pick<Features['watch'], 'disabled'> };
  incidents: { view: Pick<IncidentView, 'open'> };
}

/** Public and polled by everybody in a crisis, so a replica makes it at most this often (ms). */
const MAX_AGE_MS = 1_000;

export function statusRoute({ view, dependencies, providers, features, incidents }: StatusDeps): Route {
  const status = new FreshValue<SystemStatus>(async () => {
    const [reading, parts, open] = await Promise.all([view.read(), dependencies.read(), incidents.view.open()]);
    const state = reading.kind === 'state' ? reading : null;
    const { disabled } = features.watch;
    return systemStatus({ state, parts, disabled, providers: providers(), incidents: open, now: new Date() });
  }, MAX_AGE_MS);
  return defineRoute({
    method: 'get',
    path: '/api/v1/system/status',
    tag: 'Service',
    summary: 'How is the service?',
    description: 'Public. At most a second old.',
    access: 'public',
    input: {},
    answer: { status: 200, description: 'Also when something is down: `status` says so.', schema: systemStatusSchema },
    handle: async () => ({ body: await status.get() }),
  });
}
