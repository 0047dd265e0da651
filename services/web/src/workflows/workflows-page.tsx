import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { ago } from '../../../../shared/wording/duration.ts';
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

const PAGE = 50;

type Workflow = Awaited<ReturnType<Session['api']['getWorkflow']>>;

/** Every workflow there is to start, newest first. */
export function WorkflowsPage({ session }: { session: Session }) {
  const first = useResource('workflows', (signal) => session.api.listWorkflows({ limit: PAGE, signal }));
  const [later, setLater] = useState<{ items: Workflow[]; cursor: string | null }>();
  const items = [...(first.value?.items ?? []), ...(later?.items ?? [])];
  const cursor = later === undefined ? (first.value?.next_cursor ?? null) : later.cursor;
  const more = useAction(async () => {
    if (cursor === null) return;
    const page = await session.api.listWorkflows({ limit: PAGE, cursor });
    setLater({ items: [...(later?.items ?? []), ...page.items], cursor: page.next_cursor });
  });
  return (
    <>
      <div class={layout.between}>
        <h1>Workflows</h1>
        <Link href="/workflows/new">Write a new workflow</Link>
      </div>
      <Panel title="Your workflows">
        <div class={layout.stack}>
          {first.error !== undefined && <Problem>{first.error}</Problem>}
          {items.length === 0 && !first.loading && first.error === undefined && (
            <Empty title="There is no workflow yet.">
              <Link href="/workflows/new">Write the first one</Link>
            </Empty>
          )}
          {items.length > 0 && (
            <Table
              caption="Workflows, newest first"
              columns={columnsAt(now.value)}
              rows={items}
              keyOf={({ id }) => id}
            />
          )}
          {more.error !== undefined && <Problem>{more.error}</Problem>}
          {cursor !== null && (
            <Button busy={more.busy} onClick={() => void more.run()}>
              Show older workflows
            </Button>
          )}
        </div>
      </Panel>
    </>
  );
}

function columnsAt(at: number): Column<Workflow>[] {
  return [
    { head: 'Name', cell: ({ name }) => <strong>{name}</strong> },
    { head: 'What it does', cell: ({ description }) => description ?? '–' },
    { head: 'Steps', cell: ({ steps }) => steps.map(({ type }) => type).join(' → ') },
    { head: 'Written', cell: ({ created_at }) => <time dateTime={created_at}>{ago(created_at, at)}</time> },
    {
      head: 'Use',
      cell: ({ id, name }) => (
        <span class={layout.row}>
          <Link href={`/?workflow=${id}`} aria-label={`Start ${name}`}>
            Start
          </Link>
          <Link href={`/workflows/new?from=${id}`} aria-label={`Copy ${name}`}>
            Copy
          </Link>
        </span>
      ),
    },
  ];
}
