import type { SystemStatus } from '../shared/protocol/http.ts';
import type { ProviderStanding } from './worker/llm/health/provider-board.ts';

type ProviderStatus = SystemStatus['providers'][number];

const STATUS = { closed: 'operational', half_open: 'degraded', open: 'down' } as const;

/** A provider's standing as the status page shows it. */
export function providerStatus({ name, role, state, active, since }: ProviderStanding): ProviderStatus {
  return { name, role, status: STATUS[state], active, since: since?.toISOString() ?? null };
}
