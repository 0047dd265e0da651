import type WebSocket from 'ws';
import type { EventFrame, EventType } from '../../shared/protocol/events.ts';
import { until } from './until.ts';

type FrameOf<Type extends EventType> = Extract<EventFrame, { type: Type }>;

/** A client socket that keeps every frame. */
export class TestSocket {
  readonly frames: EventFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  /** Status, headers and body of a refused handshake. */
  refused: { status: number; headers: Record<string, unknown>; body: Record<string, unknown> } | undefined;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as EventFrame));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on('error', () => {});
    socket.on('unexpected-response', async (request, response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      this.refused = { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text || '{}') };
      request.destroy();
    });
  }

  ofType<Type extends EventType>(type: Type): Array<FrameOf<Type>> {
    return this.frames.filter((frame): frame is FrameOf<Type> => frame.type === type);
  }

  /** Frames of the stream (SNAPSHOT and RESUMED only stand in it). */
  get stored(): EventFrame[] {
    return this.frames.filter(({ type, offset }) => offset !== undefined && type !== 'SNAPSHOT' && type !== 'RESUMED');
  }

  /** Where it stands in the stream, as a query with which another socket resumes there. */
  get place(): string {
    const last = this.frames.findLast((frame) => frame.offset !== undefined);
    return `?epoch=${last?.epoch}&offset=${last?.offset}`;
  }

  async has(condition: (frames: EventFrame[]) => boolean, what: string): Promise<void> {
    await until(() => condition(this.frames), { timeoutMs: 10_000, what });
  }

  async greeted(): Promise<EventFrame> {
    await this.has((frames) => frames.length > 0, 'the first frame');
    return this.frames[0] as EventFrame;
  }

  async ended(timeoutMs = 5_000): Promise<{ code: number; reason: string }> {
    return until(() => this.closed, { timeoutMs, what: 'the socket to be closed' });
  }

  async refusal(): Promise<NonNullable<TestSocket['refused']>> {
    return until(() => this.refused, { timeoutMs: 10_000, what: 'the refusal' });
  }

  close(): Promise<unknown> {
    this.socket.close();
    return this.ended();
  }
}
