import type { ClientFrame, EventFrame, EventType } from '../events.ts';
import { SILENCE_LIMIT_MS } from '../timing.ts';
import { FrameQueue } from './frame-queue.ts';
import { Listeners } from './listeners.ts';
import type { LiveState } from './live-state.ts';
import { LiveStopped } from './live-stopped.ts';
import { type AttemptEnd, nextStep } from './next-step.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import { socketLife } from './socket-life.ts';
import { type Position, StreamPosition } from './stream-position.ts';
import { wait } from './wait.ts';
import type { WebSocketConstructor } from './web-socket.ts';

/** Where to connect, and with what proof: a ticket in the URL (browsers) or a header (everybody else). */
export interface LiveEndpoint {
  url: string;
  headers?: Record<string, string>;
}

export interface LiveConnectionOptions {
  /** Asked before every attempt, because a ticket works once and a token ends. Must reject when `signal` aborts. */
  endpoint(signal: AbortSignal): LiveEndpoint | Promise<LiveEndpoint>;
  /** The platform's (`globalThis.WebSocket`) or, in Node, the class of the `ws` package. */
  WebSocket: WebSocketConstructor;
  /** Where an earlier connection stopped, to go on from there. */
  position?: Position | null;
  /** Milliseconds; default {@link SILENCE_LIMIT_MS}. */
  silenceLimitMs?: number;
  /** Milliseconds before reconnect number `attempt` (from 0). */
  delayMs?(attempt: number): number;
}

/** After a socket that was live for this long (ms) the waits begin again at the first one. */
const STABLE_AFTER_MS = 5_000;

type FrameOf<Type extends EventType> = Extract<EventFrame, { type: Type }>;

/**
 * A user's events, live and without gap over any number of sockets and replicas: reconnects after 0, 2, 10, then every 30
 * seconds (jittered), resumes after the last frame received, drops what comes twice, gives up a socket that is silent. Stops by
 * itself only when the server says that coming back is pointless.
 *
 * Frames are trusted to fit their type. Types that this version does not know reach `onFrame` and `frames()` all the same.
 */
export class LiveConnection {
  private readonly position: StreamPosition;
  private readonly frameListeners = new Listeners<EventFrame>();
  private readonly stateListeners = new Listeners<LiveState>();
  private readonly stopping = new AbortController();
  private current: LiveState = { kind: 'idle' };
  private running: Promise<void> | undefined;
  private hurry: AbortController | undefined;
  private sendText: ((text: string) => void) | undefined;

  constructor(private readonly options: LiveConnectionOptions) {
    this.position = new StreamPosition(options.position ?? null);
  }

  get state(): LiveState {
    return this.current;
  }

  /** Where another connection can go on; null: nothing received yet. */
  get resumePosition(): Position | null {
    return this.position.value;
  }

  /** Begins to connect; a second call does nothing. */
  start(): this {
    this.running ??= this.run(this.stopping.signal);
    return this;
  }

  /** Closes the socket and ends every loop over `frames()`. Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.start().running;
  }

  /** Ends a wait at once; for the platform's "online" event. */
  reconnectNow(): void {
    this.hurry?.abort();
  }

  /** False: not connected, the frame was not sent. */
  send(frame: ClientFrame): boolean {
    if (this.sendText === undefined) return false;
    this.sendText(JSON.stringify(frame));
    return true;
  }

  /** Calls `listener` with every frame of a type; the function returned ends that. */
  on<Type extends EventType>(type: Type, listener: (frame: FrameOf<Type>) => void): () => void {
    return this.frameListeners.add((frame) => {
      if (frame.type === type) listener(frame as FrameOf<Type>);
    });
  }

  onFrame(listener: (frame: EventFrame) => void): () => void {
    return this.frameListeners.add(listener);
  }

  onState(listener: (state: LiveState) => void): () => void {
    return this.stateListeners.add(listener);
  }

  /**
   * Every frame from now on, for `for await`. Ends after `stop()`; throws {@link LiveStopped} when the connection stopped for
   * another reason, and an Error when the loop is too far behind.
   */
  frames(): AsyncIterableIterator<EventFrame> {
    const unlisten: Array<() => void> = [];
    const queue = new FrameQueue(() => {
      for (const off of unlisten) off();
    });
    const endWith = (state: LiveState): void => {
      if (state.kind === 'stopped') queue.end(state.reason.kind === 'asked' ? null : new LiveStopped(state.reason));
    };
    unlisten.push(
      this.onFrame((frame) => queue.push(frame)),
      this.onState(endWith),
    );
    endWith(this.current);
    return queue;
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let wasUnauthenticated = false;
    while (true) {
      if (!signal.aborted) this.enter({ kind: 'connecting', attempt: failures });
      const { end, liveMs } = await this.attempt(signal);
      const next = nextStep(signal.aborted ? { kind: 'left' } : end, wasUnauthenticated);
      if (next.kind === 'stop') return this.enter({ kind: 'stopped', reason: next.reason });
      wasUnauthenticated = next.unauthenticated;
      if (liveMs >= STABLE_AFTER_MS) failures = 0;
      const delayMs = (this.options.delayMs ?? reconnectDelay)(failures);
      await this.pause(Math.max(delayMs, next.retryAfterMs), next.why, signal);
      failures += 1;
    }
  }

  private async pause(ms: number, reason: string, signal: AbortSignal): Promise<void> {
    this.hurry = new AbortController();
    this.enter({ kind: 'waiting', until: Date.now() + ms, reason });
    await wait(ms, AbortSignal.any([signal, this.hurry.signal])).catch(() => {});
    this.hurry = undefined;
  }

  /** One socket, from the question for its endpoint to its end. */
  private async attempt(signal: AbortSignal): Promise<{ end: AttemptEnd; liveMs: number }> {
    let endpoint: LiveEndpoint;
    try {
      signal.throwIfAborted();
      endpoint = await this.options.endpoint(signal);
    } catch (error) {
      return { end: { kind: 'no_endpoint', error }, liveMs: 0 };
    }
    const giveUp = new AbortController();
    let liveSince: number | undefined;
    let gap = false;
    const end = await socketLife({
      WebSocket: this.options.WebSocket,
      url: withPosition(endpoint.url, this.position.value),
      headers: endpoint.headers,
      silenceLimitMs: this.options.silenceLimitMs ?? SILENCE_LIMIT_MS,
      signal: AbortSignal.any([signal, giveUp.signal]),
      onOpen: (send) => {
        this.sendText = send;
      },
      onText: (text) => {
        const frame = JSON.parse(text) as EventFrame;
        const arrival = this.position.arrive(frame);
        if (arrival === 'repeat') return;
        gap = arrival === 'gap';
        if (gap) return giveUp.abort();
        if (frame.type === 'SNAPSHOT' || frame.type === 'RESUMED') {
          liveSince ??= Date.now();
          this.enter({ kind: 'live', replica: frame.data.replica, recovered: frame.data.recovered });
        }
        this.frameListeners.emit(frame);
      },
    });
    this.sendText = undefined;
    return { end: gap ? { kind: 'gap' } : end, liveMs: liveSince === undefined ? 0 : Date.now() - liveSince };
  }

  private enter(state: LiveState): void {
    this.current = state;
    this.stateListeners.emit(state);
  }
}

function withPosition(url: string, position: Position | null): string {
  const target = new URL(url);
  if (position) {
    target.searchParams.set('epoch', position.epoch);
    target.searchParams.set('offset', String(position.offset));
  }
  return target.href;
}
