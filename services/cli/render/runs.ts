import type { RunPage } from '../../../shared/protocol/http.ts';
import { ago } from '../../../shared/wording/duration.ts';
import { printableLine } from './printable.ts';
import { statusMark } from './status-mark.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** Longest workflow name or user shown in a table (characters). */
const NAME_WIDTH = 28;

export interface RunsOptions {
  style: Style;
  now: number;
  /** Whose run it is gets a column: for administrators who see everybody's. */
  showUser: boolean;
  /** Only some were asked for, so that none found does not mean that there are none. */
  filtered: boolean;
  program: string;
}

/** Runs as a table, newest first, with the way to the next page. */
export function renderRuns(page: RunPage, options: RunsOptions): string[] {
  const { style, now, showUser } = options;
  if (page.items.length === 0)
    return [
      options.filtered ? 'No such runs.' : `No runs yet. Start one: ${options.program} run examples/hello.json --watch`,
    ];
  const header = ['RUN', 'STATUS', 'WORKFLOW', 'STEPS', 'PRIORITY', 'ACCEPTED', ...(showUser ? ['USER'] : [])];
  const rows = page.items.map((run) => [
    run.id,
    statusMark(run.status, style),
    printableLine(run.workflow_name, NAME_WIDTH),
    `${Math.min(run.current_step, run.step_count)}/${run.step_count}`,
    run.priority,
    style.dim(ago(run.accepted_at, now)),
    ...(showUser ? [printableLine(run.user_id, NAME_WIDTH)] : []),
  ]);
  const more =
    page.next_cursor === null ? [] : ['', style.dim(`Older ones: add --cursor ${printableLine(page.next_cursor)}`)];
  return [...renderTable([header.map((cell) => style.dim(cell)), ...rows]), ...more];
}
