import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fateOf, type Weather } from './weather.ts';

/** Held for one direction of one connection at most (bytes); beyond, the sender is not read from, as with a full window. */
const MOST_HELD_BYTES = 1_000_000;

/** What lies between the two ends: bytes, or the end of the connection in this direction, or its loss. */
type Held = { dueAt: number; bytes: Buffer } | { dueAt: number; end: 'orderly' | 'reset' };

export interface OneWayOptions {
  weather(): Weather;
  /** Resolves when nothing is cut. */
  untilMended(): Promise<void>;
  random(): number;
  /** Sees each piece before it goes on; false: it and all after it are swallowed. */
  watch(bytes: Buffer): boolean;
  /** The weather breaks the connection: what `from` has sent does not arrive whole. */
  broken(): void;
}

/** Carries what `from` sends to `to`, in order, through the weather. */
export class OneWay {
  private readonly held: Held[] = [];
  private heldBytes = 0;
  private latestDueAt = 0;
  private carrying = false;
  private over = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly options: OneWayOptions,
  ) {
    from.on('data', (bytes) => this.take(bytes));
    from.on('end', () => this.hold({ dueAt: 0, end: 'orderly' }));
    from.on('close', () => {
      if (!from.readableEnded) this.hold({ dueAt: 0, end: 'reset' });
    });
  }

  private take(bytes: Buffer): void {
    if (this.over || !this.options.watch(bytes)) return;
    const { parts, breaks } = fateOf(bytes, this.options.weather(), this.options.random);
    const now = performance.now();
    for (const part of parts) {
      this.heldBytes += part.bytes.length;
      this.hold({ dueAt: now + part.lateMs, bytes: part.bytes });
    }
    if (breaks) {
      this.over = true;
      // Told first, while the connection still has its ports.
      this.options.broken();
      this.hold({ dueAt: 0, end: 'reset' });
    }
    if (this.heldBytes > MOST_HELD_BYTES) this.from.pause();
  }

  private hold(held: Held): void {
    // Nothing overtakes: what was sent later waits for what is repeated.
    this.latestDueAt = Math.max(this.latestDueAt, held.dueAt);
    this.held.push({ ...held, dueAt: this.latestDueAt });
    if (!this.carrying) void this.carry();
  }

  private async carry(): Promise<void> {
    this.carrying = true;
    for (let next = this.held.shift(); next !== undefined; next = this.held.shift()) {
      const leftMs = next.dueAt - performance.now();
      if (leftMs > 0) await delay(leftMs);
      if (this.options.weather().kind === 'cut') await this.options.untilMended();
      if (this.to.destroyed) continue;
      if ('bytes' in next) {
        this.heldBytes -= next.bytes.length;
        if (!this.to.write(next.bytes)) await drained(this.to);
        if (this.heldBytes <= MOST_HELD_BYTES / 2) this.from.resume();
      } else if (next.end === 'orderly') this.to.end();
      else {
        this.to.resetAndDestroy();
        this.from.resetAndDestroy();
      }
    }
    this.carrying = false;
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}
