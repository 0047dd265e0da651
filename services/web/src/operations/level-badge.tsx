import type { CapacityLevel } from '../../../../shared/workflow/capacity-level.ts';
import { Badge, type Tone } from '../design/badge.tsx';

const TONES: Record<CapacityLevel, Tone> = { normal: 'good', elevated: 'warn', degraded: 'warn', saturated: 'bad' };

export function LevelBadge({ level }: { level: CapacityLevel }) {
  return <Badge tone={TONES[level]}>{level}</Badge>;
}
