import type { LiveState } from '../../../../shared/protocol/client/live-state.ts';
import { duration } from '../../../../shared/wording/duration.ts';
import { Badge, type Tone } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import type { Live } from '../live/live.ts';
import styles from './connection-state.module.css';
import { now } from './now.ts';

/** Whether the page hears the server, and when it tries again. */
export function ConnectionState({ live }: { live: Live }) {
  const state = live.state.value;
  const { tone, text } = wordsOf(state, now.value);
  return (
    <div class={styles.state} role="status" data-connection={state.kind}>
      <Badge tone={tone}>{text}</Badge>
      {state.kind === 'waiting' && (
        <Button look="quiet" onClick={() => live.reconnectNow()}>
          Try now
        </Button>
      )}
    </div>
  );
}

function wordsOf(state: LiveState, at: number): { tone: Tone; text: string } {
  switch (state.kind) {
    case 'live':
      return { tone: 'good', text: `Live, ${state.replica}` };
    case 'waiting':
      return {
        tone: 'warn',
        text: state.until - at < 1_000 ? 'Reconnecting' : `Reconnecting in ${duration(state.until - at)}`,
      };
    case 'stopped':
      return { tone: 'bad', text: 'Not connected' };
    default:
      return { tone: 'idle', text: 'Connecting' };
  }
}
