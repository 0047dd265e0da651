import { useEffect, useMemo } from 'preact/hooks';
import layout from '../design/layout.module.css';
import { Panel } from '../design/panel.tsx';
import { Problem } from '../design/problem.tsx';
import type { Session } from '../session/session.ts';
import { ChatRoom } from './chat-room.ts';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import { People } from './people.tsx';

interface ChatPanelProps {
  session: Session;
  runId: string;
  /** The run is this user's: they invite. */
  own: boolean;
}

/** The conversation beside a run. */
export function ChatPanel({ session, runId, own }: ChatPanelProps) {
  const room = useMemo(() => new ChatRoom(session, runId), [session, runId]);
  useEffect(() => {
    room.start();
    return () => room.stop();
  }, [room]);
  const state = room.state.value;
  const takesPart = own || state.people.some(({ userId }) => userId === session.userId);
  return (
    <Panel title="Conversation">
      <div class={layout.stack}>
        <People session={session} runId={runId} people={state.people} own={own} />
        {state.messages.length + state.outgoing.length === 0 && takesPart && (
          <p class="soft">Nothing has been said yet. Those you invite see this run and can talk about it here.</p>
        )}
        <MessageList room={room} state={state} me={session.userId} />
        {room.error.value !== undefined && <Problem>{room.error.value}</Problem>}
        {takesPart && state.closed === null ? <Composer room={room} /> : <p class="soft">{state.closed}</p>}
      </div>
    </Panel>
  );
}
