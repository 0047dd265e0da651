import { useEffect, useRef, useState } from 'preact/hooks';
import { MAX_MESSAGE_LENGTH } from '../../../../shared/protocol/chat-limits.ts';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import type { ChatRoom } from './chat-room.ts';
import styles from './composer.module.css';

/** Somebody who has not touched a key for this long is not typing (ms). */
const PAUSE_MS = 4_000;

/** Where a message is written: Enter sends, Shift and Enter begins a line. */
export function Composer({ room }: { room: ChatRoom }) {
  const [text, setText] = useState('');
  const pause = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(pause.current), []);
  const tooLong = text.length > MAX_MESSAGE_LENGTH;
  const send = () => {
    if (text.trim() === '' || tooLong) return;
    room.say(text);
    clearTimeout(pause.current);
    setText('');
  };
  return (
    <form
      class={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field label="Message" error={tooLong ? `${text.length - MAX_MESSAGE_LENGTH} characters too long.` : undefined}>
        {(field) => (
          <textarea
            {...field}
            rows={2}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              room.typed();
              clearTimeout(pause.current);
              pause.current = setTimeout(() => room.stopTyping(), PAUSE_MS);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              send();
            }}
          />
        )}
      </Field>
      <Button type="submit" disabled={text.trim() === '' || tooLong}>
        Send
      </Button>
    </form>
  );
}
