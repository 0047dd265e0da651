import type { RunStatus } from '../../../shared/workflow/run-state.ts';
import type { Style } from './style.ts';

const MARKS: Record<RunStatus, { mark: string; words: string; paint: keyof Style }> = {
  queued: { mark: '○', words: 'queued', paint: 'yellow' },
  running: { mark: '●', words: 'running', paint: 'cyan' },
  succeeded: { mark: '✔', words: 'succeeded', paint: 'green' },
  failed: { mark: '✘', words: 'failed', paint: 'red' },
  cancelled: { mark: '■', words: 'cancelled', paint: 'dim' },
  timed_out: { mark: '✘', words: 'timed out', paint: 'red' },
};

/** A run's status with its mark: `✔ succeeded`. */
export function statusMark(status: RunStatus, style: Style): string {
  const { mark, words, paint } = MARKS[status];
  return style[paint](`${mark} ${words}`);
}
