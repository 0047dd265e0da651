import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { ChatPage } from '../../../../shared/protocol/http-chat.ts';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import { type Column, Table } from '../design/table.tsx';
import { useAction } from '../requests/use-action.ts';
import { useResource } from '../requests/use-resource.ts';
import { RunBadge } from '../runs/run-badge.tsx';
import type { Session } from '../session/session.ts';

const PAGE = 50;
/** New messages elsewhere show within this time (ms). */
const EVERY_MS = 10_000;

type Chat = ChatPage['items'][number];

const COLUMNS: Column<Chat>[] = [
  { head: 'About', cell: ({ run_id, workflow_name }) => <Link href={`/runs/${run_id}`}>{workflow_name}</Link> },
  { head: 'Run of', cell: ({ owner }) => owner },
  { head: 'Run', cell: ({ status }) => <RunBadge status={status} /> },
  { head: 'People', cell: ({ people }) => people, numeric: true },
  {
    head: 'Messages',
    cell: ({ last_seq, read_seq }) =>
      last_seq > read_seq ? <Badge tone="accent">{`${last_seq - read_seq} new`}</Badge> : last_seq,
    numeric: true,
  },
];

/** Every conversation the user takes part in. */
export function ChatsPage({ session }: { session: Session }) {
  const first = useResource('chats', (signal) => session.api.chats.list({ limit: PAGE, signal }), EVERY_MS);
  const [later, setLater] = useState<{ items: Chat[]; cursor: string | null }>();
  const items = [...(first.value?.items ?? []), ...(later?.items ?? [])];
  const cursor = later === undefined ? (first.value?.next_cursor ?? null) : later.cursor;
  const more = useAction(async () => {
    if (cursor === null) return;
    const page = await session.api.chats.list({ limit: PAGE, cursor });
    setLater({ items: [...(later?.items ?? []), ...page.items], cursor: page.next_cursor });
  });
  return (
    <>
      <h1>Conversations</h1>
      <Panel title="You take part in">
        <div class={layout.stack}>
          {first.error !== undefined && <Problem>{first.error}</Problem>}
          {items.length === 0 && !first.loading && first.error === undefined && (
            <Empty title="None yet.">
              <p>Invite somebody on the page of a run, or be invited to one of theirs.</p>
            </Empty>
          )}
          {items.length > 0 && (
            <Table caption="Conversations" columns={COLUMNS} rows={items} keyOf={({ run_id }) => run_id} />
          )}
          {more.error !== undefined && <Problem>{more.error}</Problem>}
          {cursor !== null && (
            <Button busy={more.busy} onClick={() => void more.run()}>
              Show more
            </Button>
          )}
        </div>
      </Panel>
    </>
  );
}
