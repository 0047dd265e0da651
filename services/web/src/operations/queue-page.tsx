import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { QueueEntry } from '../../../../shared/protocol/http.ts';
import { ago, estimate, wholeSeconds } from '../../../../shared/wording/duration.ts';
import { PRIORITIES, type Priority } from '../../../../shared/workflow/priority.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { now } from '../shell/now.ts';
import { CancelDialog } from './cancel-dialog.tsx';

const STEP_MS = 2_000;
/** Entries a screen; the queue is read anew every two seconds, so more would be read for nobody. */
const PAGE = 100;

/** Everybody's waiting runs in the order in which they will start. */
export function QueuePage({ session: { api } }: { session: Session }) {
  const [from, setFrom] = useState<string[]>([]);
  const cursor = from.at(-1);
  const queue = useResource(
    `queue ${cursor}`,
    (signal) => api.queue({ limit: PAGE, signal, ...(cursor === undefined ? {} : { cursor }) }),
    STEP_MS,
  );
  const [asked, setAsked] = useState<QueueEntry>();
  const prioritize = useAction(async (runId: string, priority: Priority) => {
    await api.setPriority(runId, priority);
    queue.reload();
  });
  const items = queue.value?.items ?? [];
  const next = queue.value?.next_cursor ?? null;
  return (
    <>
      <h1>Queue</h1>
      <Panel title={titleOf(queue.value?.length)}>
        <div class={layout.stack}>
          {(queue.error ?? prioritize.error) !== undefined && <Problem>{queue.error ?? prioritize.error}</Problem>}
          {queue.value !== undefined && items.length === 0 && <Empty title="Nobody waits." />}
          {items.length > 0 && (
            <Table
              caption="Waiting runs, the next one first"
              columns={columnsOf(now.value, (entry, priority) => void prioritize.run(entry.run_id, priority), setAsked)}
              rows={items}
              keyOf={({ run_id }) => run_id}
            />
          )}
          {(from.length > 0 || next !== null) && (
            <div class={layout.row}>
              <Button disabled={from.length === 0} onClick={() => setFrom(from.slice(0, -1))}>
                Nearer the front
              </Button>
              <Button disabled={next === null} onClick={() => next !== null && setFrom([...from, next])}>
                Further back
              </Button>
            </div>
          )}
        </div>
      </Panel>
      {asked !== undefined && (
        <CancelDialog
          entry={asked}
          onClose={() => setAsked(undefined)}
          onCancel={async () => {
            await api.cancel(asked.run_id);
            setAsked(undefined);
            queue.reload();
          }}
        />
      )}
    </>
  );
}

function titleOf(length: number | null | undefined): string {
  if (length === undefined) return 'Waiting runs';
  return length === null ? 'Waiting runs, as far as they are known' : `${length.toLocaleString('en')} waiting`;
}

function columnsOf(
  at: number,
  onPriority: (entry: QueueEntry, priority: Priority) => void,
  onCancel: (entry: QueueEntry) => void,
): Column<QueueEntry>[] {
  return [
    { head: 'Place', cell: ({ position }) => position ?? '–', numeric: true },
    { head: 'Workflow', cell: ({ run_id, workflow_name }) => <Link href={`/runs/${run_id}`}>{workflow_name}</Link> },
    { head: 'User', cell: ({ user_id }) => user_id },
    { head: 'Accepted', cell: ({ accepted_at }) => ago(accepted_at, at) },
    {
      head: 'Starts in',
      cell: ({ estimated_wait_seconds }) =>
        estimated_wait_seconds === null ? 'not known' : estimate(estimated_wait_seconds),
    },
    { head: 'Waits at most', cell: ({ expires_at }) => wholeSeconds(Date.parse(expires_at) - at) },
    {
      head: 'Priority',
      cell: (entry) => (
        <select
          aria-label={`Priority of ${entry.workflow_name} of ${entry.user_id}`}
          value={entry.priority}
          onChange={(event) => onPriority(entry, event.currentTarget.value as Priority)}
        >
          {PRIORITIES.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      ),
    },
    {
      head: 'Do',
      cell: (entry) => (
        <Button
          look="quiet"
          aria-label={`Cancel ${entry.workflow_name} of ${entry.user_id}`}
          onClick={() => onCancel(entry)}
        >
          Cancel
        </Button>
      ),
    },
  ];
}
