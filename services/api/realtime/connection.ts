import type { WebSocket } from 'ws';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { CLOSE_CODES } from '../../../shared/protocol/close-codes.ts';
import type { CapacityLevel, Comfort } from '../../../shared/workflow/capacity-level.ts';
import type { UserRole } from '../auth/identity.ts';
import { type ClientFrameHandlers, handleClientFrame } from './client-frames.ts';
import type { SocketLimits } from './socket-limits.ts';
import { ownFrame, type WireFrame } from './wire-frame.ts';

/** Who is behind a socket. */
export interface Peer {
  userId: string;
  role: UserRole;
  /** Unix ms at which the proof of identity ends. */
  expiresAt: number;
  correlationId: string;
}

/** What a connection tells its owners; one object for all connections of a replica. */
export interface ConnectionOwner {
  readonly limits: SocketLimits;
  readonly metrics: Pick<Metrics, 'realtime'>;
  readonly handlers: ClientFrameHandlers;
  /** The stream has a hole for this socket; it hears nothing of the stream until it is recovered. */
  onGap(connection: Connection): void;
  /** The socket is gone; called once. */
  onGone(connection: Connection, code: number): void;
}

type CloseCode = keyof typeof CLOSE_CODES;

/** Frames of the stream are only passed on while `live`; before that the history is the only source. */
type Phase = 'recovering' | 'live';

/**
 * One socket: its place in the user's stream, its bounded outgoing buffer, its signs of life. It has no timer of its own; the
 * hub calls {@link sweep} about once a second.
 */
export class Connection {
  readonly openedAt = Date.now();
  phase: Phase = 'recovering';
  /** Everything up to and with `offset` of `epoch` has been sent; epoch null: nothing yet. */
  epoch: string | null;
  offset: number;
  /** Newest offset seen of frames that could not be passed on while recovering. */
  knownOffset = 0;
  /** The first frame (SNAPSHOT or RESUMED) has been sent. */
  greeted = false;
  /** The capacity level its client knows of; see LevelTeller. */
  toldLevel: CapacityLevel = 'normal';
  /** The comforts its client knows to be off; see FeatureTeller. */
  toldDisabled: readonly Comfort[] = [];
  /** Its client says that nobody looks. */
  away = false;
  private heardAt = this.openedAt;
  private sentAt = this.openedAt;
  private pingedAt = this.openedAt;
  private framesThisSweep = 0;
  private closedAs: number | undefined;

  constructor(
    private readonly socket: WebSocket,
    readonly peer: Peer,
    resume: { epoch: string; offset: number } | null,
    private readonly owner: ConnectionOwner,
  ) {
    this.epoch = resume?.epoch ?? null;
    this.offset = resume?.offset ?? 0;
    // Without this listener one oversized frame ends the process; ws closes the socket itself (1009, 1007, 1002).
    socket.on('error', noop);
    socket.on('message', (data, isBinary) => this.hear(isBinary ? null : data.toString()));
    socket.on('pong', () => this.touch());
    socket.on('close', (code) => this.gone(code));
  }

  get open(): boolean {
    return this.closedAs === undefined && this.socket.readyState === this.socket.OPEN;
  }

  /** More is unsent than a socket that keeps up would have. */
  get congested(): boolean {
    return this.socket.bufferedAmount > this.owner.limits.softBufferBytes;
  }

  /** Resolves when everything sent so far has left the process, or the socket is gone. */
  flushed(): Promise<void> {
    // A pong nobody asked for is allowed (RFC 6455, 5.5.3); ws calls back when it, and so all before it, is written.
    return new Promise((resolve) => this.socket.pong(undefined, undefined, () => resolve()));
  }

  /** Passes on a frame that came over the user's channel. */
  deliver(frame: WireFrame): void {
    if (frame.epoch === undefined || frame.offset === undefined) {
      if (this.phase === 'live') this.send(frame);
      return;
    }
    if (this.phase === 'recovering') {
      if (this.epoch === null || frame.epoch === this.epoch)
        this.knownOffset = Math.max(this.knownOffset, frame.offset);
      else this.owner.onGap(this);
    } else if (frame.epoch !== this.epoch || frame.offset > this.offset + 1) {
      this.owner.onGap(this);
    } else if (frame.offset === this.offset + 1) {
      this.sendNext(frame, frame.offset);
    }
  }

  /** Sends the next frame of the stream. */
  sendNext(frame: WireFrame, offset: number): void {
    this.offset = offset;
    this.send(frame);
  }

  /** False: left out, or the socket is closed. A frame of the stream that cannot be sent closes the socket: the client resumes. */
  send(frame: WireFrame): boolean {
    if (!this.open) return false;
    const { limits, metrics } = this.owner;
    const buffered = this.socket.bufferedAmount;
    if (frame.droppable && buffered > limits.softBufferBytes) {
      metrics.realtime.dropped.inc();
      return false;
    }
    if (buffered > limits.hardBufferBytes) {
      this.close('slowConsumer');
      return false;
    }
    this.socket.send(frame.text);
    this.sentAt = Date.now();
    metrics.realtime.frames.inc({ type: frame.type });
    return true;
  }

  close(why: CloseCode): void {
    if (this.closedAs !== undefined) return;
    const { code, reason } = CLOSE_CODES[why];
    this.closedAs = code;
    this.socket.close(code, reason);
  }

  /** Ends the socket without waiting for its peer. */
  terminate(): void {
    this.socket.terminate();
  }

  /** What is due by the clock. `now` in Unix ms. */
  sweep(now: number): void {
    if (!this.open) return;
    const { limits } = this.owner;
    this.framesThisSweep = 0;
    if (this.socket.isPaused) this.socket.resume();
    if (now >= this.peer.expiresAt) this.close('tokenExpired');
    else if (now - this.heardAt >= limits.deadAfterMs) this.close('heartbeatLost');
    else this.keepAlive(now);
  }

  private keepAlive(now: number): void {
    const { limits } = this.owner;
    if (now - this.pingedAt >= limits.pingMs) {
      this.pingedAt = now;
      this.socket.ping();
    }
    if (now - this.sentAt >= limits.heartbeatMs) this.send(ownFrame('HEARTBEAT', {}));
  }

  /** `text` null: binary. */
  private hear(text: string | null): void {
    this.touch();
    if (!this.open) return;
    // A flood is slowed to what the kernel holds, not answered: closing would only bring it back with a new handshake.
    this.framesThisSweep += 1;
    if (this.framesThisSweep >= this.owner.limits.framesPerSweep) this.socket.pause();
    if (text === null || !handleClientFrame(text, this, this.owner.handlers)) this.close('badFrame');
  }

  private touch(): void {
    this.heardAt = Date.now();
  }

  private gone(code: number): void {
    this.closedAs ??= code;
    this.owner.onGone(this, this.closedAs);
  }
}

function noop(): void {}
