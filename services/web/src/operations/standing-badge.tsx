import type { SystemStatus } from '../../../../shared/protocol/http-service.ts';
import { Badge, type Tone } from '../design/badge.tsx';

const TONES: Record<SystemStatus['status'], Tone> = { Healthy: 'good', Degraded: 'warn', Down: 'bad' };

/** How the service is as a whole. */
export function StandingBadge({ status }: Pick<SystemStatus, 'status'>) {
  return <Badge tone={TONES[status]}>{status}</Badge>;
}
