import WebSocket from 'ws';
import type { WebSocketConstructor } from '../../../shared/protocol/client/web-socket.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { SocketStory } from './evidence.ts';

export interface RecordingSockets {
  /** For a live connection of this user. */
  readonly WebSocket: WebSocketConstructor;
  /** Cuts what is open, without a word. */
  drop(): void;
}

/** Sockets of one user that write down every frame as it came, before the client drops what it has seen or leaves because of a gap. */
export function recordingSockets(user: string, stories: SocketStory[]): RecordingSockets {
  const open = new Set<WebSocket>();
  class RecordingSocket extends WebSocket {
    constructor(url: string, options?: { headers: Record<string, string> }) {
      super(url, options);
      const story: SocketStory = { user, openedAt: null, asked: askedIn(url), frames: [], closedAt: null };
      stories.push(story);
      open.add(this);
      this.on('open', () => {
        story.openedAt = Date.now();
      });
      this.on('message', (data) => {
        story.frames.push({ at: Date.now(), frame: JSON.parse(String(data)) as EventFrame });
      });
      this.on('close', () => {
        story.closedAt = Date.now();
        open.delete(this);
      });
    }
  }
  const drop = () => {
    for (const socket of open) socket.terminate();
  };
  return { WebSocket: RecordingSocket, drop };
}

function askedIn(url: string): SocketStory['asked'] {
  const { searchParams } = new URL(url);
  const epoch = searchParams.get('epoch');
  return epoch === null ? null : { epoch, offset: Number(searchParams.get('offset')) };
}
