import type { Socket } from 'node:net';
import WebSocket from 'ws';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import { until } from '../../support/until.ts';

/** Longest wait for a word of the server (ms). */
const WITHIN_MS = 15_000;

/** A socket over which also what no client sends can be sent. */
export class RawSocket {
  readonly heard: EventFrame['type'][] = [];
  /** Code; null: still open. */
  closed: number | null = null;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => this.heard.push((JSON.parse(String(data)) as EventFrame).type));
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.closed = code;
    });
  }

  /** Resolves when the first frame has come. */
  static async open(url: string, authorization: string): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: { Authorization: authorization } });
    const raw = new RawSocket(socket);
    await until(() => raw.heard.length > 0 || raw.closed !== null, { timeoutMs: WITHIN_MS, what: 'the first frame' });
    if (raw.closed !== null) throw new Error(`the socket did not open: ${raw.closed}`);
    return raw;
  }

  write(bytes: Buffer): void {
    // Below the library, which would refuse to send it.
    (this.socket as unknown as { _socket: Socket | null })._socket?.write(bytes);
  }

  /** Whether the server answers a sign of life; false: it has closed the socket. */
  async isAlive(signOfLife: Buffer): Promise<boolean> {
    const before = this.heard.filter((type) => type === 'PONG').length;
    this.write(signOfLife);
    await until(() => this.closed !== null || this.heard.filter((type) => type === 'PONG').length > before, {
      timeoutMs: WITHIN_MS,
      what: 'an answer to a sign of life, or the end',
    });
    return this.closed === null;
  }

  /** Leaves without a word. */
  leave(): void {
    this.socket.terminate();
  }
}
