import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { ago, duration } from '../../../../shared/wording/duration.ts';
import { RUN_STATUSES, type RunStatus } from '../../../../shared/workflow/run-state.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Field } from '../design/field.tsx';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { now } from '../shell/now.ts';
import { type HistoryRun, matchingRuns } from './matching-runs.ts';
import { RunBadge } from './run-badge.tsx';
import styles from './runs-page.module.css';

const ANY = 'any';

/** Everything this user ever started (an administrator: everybody), newest first. */
export function RunsPage({ session }: { session: Session }) {
  const [status, setStatus] = useState<RunStatus | typeof ANY>(ANY);
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  const key = JSON.stringify([status, search]);
  const wanted = { status: status === ANY ? undefined : status, text: search };
  const first = useResource(key, (signal) => matchingRuns(session.api, wanted, undefined, signal));
  const [more, setMore] = useState<{ key: string; items: HistoryRun[]; cursor: string | null }>();
  const later = more?.key === key ? more : undefined;
  const cursor = later === undefined ? (first.value?.cursor ?? null) : later.cursor;
  const items = [...(first.value?.items ?? []), ...(later?.items ?? [])];
  const next = useAction(async () => {
    if (cursor === null) return;
    const found = await matchingRuns(session.api, wanted, cursor);
    setMore({ key, items: [...(later?.items ?? []), ...found.items], cursor: found.cursor });
  });

  return (
    <>
      <h1>History</h1>
      <Panel title={session.role === 'admin' ? 'Runs of everybody' : 'Your runs'}>
        <search>
          <form
            class={styles.filters}
            onSubmit={(event) => {
              event.preventDefault();
              setSearch(text);
            }}
          >
            <Field label="Search">
              {(field) => (
                <input
                  {...field}
                  type="search"
                  placeholder="Workflow, user or run id"
                  value={text}
                  onInput={(event) => setText(event.currentTarget.value)}
                />
              )}
            </Field>
            <Field label="Status">
              {(field) => (
                <select
                  {...field}
                  value={status}
                  onChange={(event) => setStatus(event.currentTarget.value as RunStatus | typeof ANY)}
                >
                  <option value={ANY}>any</option>
                  {RUN_STATUSES.map((name) => (
                    <option key={name} value={name}>
                      {name.replace('_', ' ')}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Button type="submit">Search</Button>
            <Button look="quiet" busy={first.loading} onClick={first.reload}>
              Refresh
            </Button>
          </form>
        </search>
        {first.error !== undefined && <Problem>{first.error}</Problem>}
        {items.length === 0 && !first.loading && first.error === undefined && (
          <Empty title={cursor === null ? 'No run fits.' : 'None of the newest runs fits.'} />
        )}
        {items.length > 0 && (
          <Table
            caption="Runs, newest first"
            columns={columnsFor(session, now.value)}
            rows={items}
            keyOf={(run) => run.id}
          />
        )}
        {next.error !== undefined && <Problem>{next.error}</Problem>}
        {cursor !== null && (
          <div class={styles.more}>
            <Button busy={next.busy} onClick={() => void next.run()}>
              Show older runs
            </Button>
          </div>
        )}
      </Panel>
    </>
  );
}

function columnsFor(session: Session, at: number): Column<HistoryRun>[] {
  const columns: Column<HistoryRun>[] = [
    { head: 'Workflow', cell: (run) => <Link href={`/runs/${run.id}`}>{run.workflow_name}</Link> },
    { head: 'Status', cell: (run) => <RunBadge status={run.status} /> },
    { head: 'Accepted', cell: (run) => <time dateTime={run.accepted_at}>{ago(run.accepted_at, at)}</time> },
    { head: 'Waited', cell: (run) => between(run.accepted_at, run.started_at), numeric: true },
    { head: 'Took', cell: (run) => between(run.started_at, run.finished_at), numeric: true },
  ];
  if (session.role === 'admin') columns.splice(1, 0, { head: 'User', cell: (run) => run.user_id });
  return columns;
}

function between(from: string | null, to: string | null): string {
  return from === null || to === null ? '–' : duration(Date.parse(to) - Date.parse(from));
}
