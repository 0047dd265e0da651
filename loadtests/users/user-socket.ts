import WebSocket from 'ws';
import type { WebSocketConstructor } from '../../shared/protocol/client/web-socket.ts';

export interface UserSocket {
  constructorFor: WebSocketConstructor;
  /** Breaks the socket as a lost network would: nobody says goodbye. False: there is none. */
  drop(): boolean;
}

interface Options {
  /** Round trip of the user's region (ms): half of it on the way there, half on the way back. */
  rttMs: number;
  from: string | null;
  /** Every text as it comes, before the client has looked at it. */
  tap(text: string): void;
}

/** The `ws` class as one user far away has it. */
export function userSocket({ rttMs, from, tap }: Options): UserSocket {
  let current: WebSocket | null = null;

  class Distant extends WebSocket {
    constructor(url: string, options: { headers?: Record<string, string> } = {}) {
      super(url, { ...options, ...(from === null ? {} : { localAddress: from }) });
      current = this;
    }

    override send(data: string): void {
      later(rttMs / 2, () => {
        if (this.readyState === WebSocket.OPEN) super.send(data);
      });
    }

    override emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event !== 'message') return super.emit(event, ...values);
      later(rttMs / 2, () => {
        // The client has given this socket up.
        if (this.listenerCount('message') === 0) return;
        tap(String(values[0]));
        super.emit(event, ...values);
      });
      return true;
    }
  }

  return {
    constructorFor: Distant as unknown as WebSocketConstructor,
    drop() {
      if (current?.readyState !== WebSocket.OPEN) return false;
      current.terminate();
      return true;
    },
  };
}

/** Timers of one length fire in their order, so nothing overtakes. */
function later(ms: number, work: () => void): void {
  if (ms === 0) work();
  else setTimeout(work, ms);
}
