import type { QueueAnswer } from '../../../shared/protocol/http.ts';
import { ago, estimate, wholeSeconds } from '../../../shared/wording/duration.ts';
import { printableLine } from './printable.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

const NAME_WIDTH = 28;

/** The places in the queue as a table, in order. */
export function renderQueue(queue: QueueAnswer, style: Style, now: number, everybody: boolean): string[] {
  if (queue.items.length === 0) return [emptyWords(queue.length, everybody)];
  const header = [
    'PLACE',
    'RUN',
    'WORKFLOW',
    'PRIORITY',
    'ACCEPTED',
    'STARTS IN',
    'WAITS AT MOST',
    ...(everybody ? ['USER'] : []),
  ];
  const rows = queue.items.map((entry) => [
    entry.position === null ? '?' : String(entry.position),
    entry.run_id,
    printableLine(entry.workflow_name, NAME_WIDTH),
    entry.priority,
    ago(entry.accepted_at, now),
    entry.estimated_wait_seconds === null ? style.dim('not known yet') : estimate(entry.estimated_wait_seconds),
    wholeSeconds(Date.parse(entry.expires_at) - now),
    ...(everybody ? [printableLine(entry.user_id, NAME_WIDTH)] : []),
  ]);
  const more =
    queue.next_cursor === null ? [] : ['', style.dim(`Those behind: add --cursor ${printableLine(queue.next_cursor)}`)];
  return [
    `${summary(queue, everybody)}`,
    '',
    ...renderTable([header.map((cell) => style.dim(cell)), ...rows], [0]),
    ...more,
  ];
}

function summary(queue: QueueAnswer, everybody: boolean): string {
  const shown = queue.items.length;
  if (queue.length === null) return `${shown} waiting; how many in all is not known right now.`;
  if (everybody)
    return shown < queue.length ? `${queue.length} waiting, ${shown} of them here:` : `${queue.length} waiting.`;
  return `${queue.length} waiting in the cluster, ${shown} of them yours.`;
}

function emptyWords(length: number | null, everybody: boolean): string {
  if (length === null) return 'The queue cannot be read right now.';
  if (length === 0) return 'Nobody is waiting.';
  return everybody
    ? `${length} waiting.`
    : `You have no run waiting; ${length} of others ${length === 1 ? 'is' : 'are'}.`;
}
