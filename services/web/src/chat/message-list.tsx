import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { useAction } from '../requests/use-action.ts';
import { now } from '../shell/now.ts';
import type { ChatRoom } from './chat-room.ts';
import type { ChatState, Message, Person } from './chat-state.ts';
import styles from './message-list.module.css';

interface MessageListProps {
  room: ChatRoom;
  state: ChatState;
  me: string;
}

/** What was said, oldest first; a reader who has scrolled back is left alone. */
export function MessageList({ room, state, me }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const older = useAction(() => room.readOlder());
  const newest = state.messages.at(-1)?.seq;
  useEffect(() => {
    if (box.current === null || !atEnd.current) return;
    box.current.scrollTop = box.current.scrollHeight;
    room.sayRead();
  }, [newest, state.outgoing.length]);
  useEffect(() => {
    const look = () => room.sayRead();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [room]);
  const others = state.people.filter(({ userId }) => userId !== me);
  if (state.messages.length + state.outgoing.length === 0) return <Typists people={others} />;
  return (
    <>
      <div
        ref={box}
        class={styles.list}
        role="log"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
          if (atEnd.current) room.sayRead();
        }}
      >
        {room.older.value !== null && (
          <Button look="quiet" busy={older.busy} onClick={() => void older.run()}>
            Earlier messages
          </Button>
        )}
        {state.messages.map((message) => (
          <MessageRow
            key={message.seq}
            message={message}
            mine={message.sender === me}
            others={others}
            newest={newest}
          />
        ))}
        {state.outgoing.map(({ clientMessageId, text, refused }) => (
          <div key={clientMessageId} class={`${styles.message} ${styles.mine} ${styles.outgoing}`}>
            <p class={styles.text}>{text}</p>
            {refused === null ? (
              <p class={styles.facts}>Sending …</p>
            ) : (
              <p class={styles.refused}>
                {refused}{' '}
                <Button look="quiet" onClick={() => room.sayAgain(clientMessageId)}>
                  Send again
                </Button>
              </p>
            )}
          </div>
        ))}
      </div>
      <Typists people={others} />
    </>
  );
}

interface MessageRowProps {
  message: Message;
  mine: boolean;
  others: readonly Person[];
  newest: number | undefined;
}

function MessageRow({ message, mine, others, newest }: MessageRowProps) {
  const readers = mine && message.seq === newest ? others.filter(({ readSeq }) => (readSeq ?? 0) >= message.seq) : [];
  return (
    <div class={`${styles.message} ${mine ? styles.mine : ''}`} data-seq={message.seq}>
      <p class={styles.facts}>
        <strong>{mine ? 'You' : message.sender}</strong> <time dateTime={message.sentAt}>{clock(message.sentAt)}</time>
      </p>
      <p class={styles.text}>{message.text}</p>
      {readers.length > 0 && <p class={styles.facts}>Read by {listOf(readers)}</p>}
    </div>
  );
}

/** Always there, so that the page does not jump when somebody begins to type. */
function Typists({ people }: { people: readonly Person[] }) {
  const typing = people.filter(({ typingUntil }) => typingUntil > now.value);
  return (
    <p class={styles.typists} aria-live="polite" data-typing={typing.length}>
      {typing.length > 0 && `${listOf(typing)} ${typing.length === 1 ? 'is' : 'are'} typing …`}
    </p>
  );
}

/** Hours and minutes where the reader is. */
function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function listOf(people: readonly Person[]): string {
  return new Intl.ListFormat('en').format(people.map(({ userId }) => userId));
}
