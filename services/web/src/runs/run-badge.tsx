import type { RunStatus } from '../../../../shared/workflow/run-state.ts';
import { Badge, type Tone } from '../design/badge.tsx';

const LOOKS: Record<RunStatus, { tone: Tone; word: string }> = {
  queued: { tone: 'warn', word: 'Waiting' },
  running: { tone: 'accent', word: 'Running' },
  succeeded: { tone: 'good', word: 'Finished' },
  failed: { tone: 'bad', word: 'Failed' },
  cancelled: { tone: 'idle', word: 'Cancelled' },
  timed_out: { tone: 'idle', word: 'Not started in time' },
};

export function RunBadge({ status }: { status: RunStatus }) {
  const { tone, word } = LOOKS[status];
  return <Badge tone={tone}>{word}</Badge>;
}
