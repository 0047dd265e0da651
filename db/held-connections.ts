import type { Logger } from '../shared/observability/logger.ts';

export interface HeldConnectionsOptions {
  log: Logger;
  /** How long one statement may have a connection before it is told (ms); default 30 s, six times what anybody waits for one (postgres.ts). */
  afterMs?: number;
}

const HELD_MS = 30_000;
/** Looks in the time after which a connection is told: it is told at most a sixth later. */
const LOOKS = 6;
/** The line of the message and the one that took the stack. */
const OWN_LINES = 2;

interface Holding {
  statement: string;
  origin: Origin;
  since: number;
  told: boolean;
}

/**
 * Where in the code something was asked for: made there, read only if somebody wants to know. Making one costs 2 to 4 µs, as V8 puts the
 * frames into words on the first look.
 */
export class Origin {
  declare readonly stack: string;

  constructor() {
    Error.captureStackTrace(this, Origin);
  }

  /** One frame a line, the innermost first. */
  get frames(): string[] {
    return this.stack
      .split('\n')
      .slice(OWN_LINES)
      .map((line) => line.trim().replace(/^at /, ''));
  }
}

/** Which connections of the pool are in use, since when and by whom. One that is held for too long is told once, with its origin. */
export class HeldConnections {
  private readonly holdings = new Map<object, Holding>();
  private readonly timer: NodeJS.Timeout;
  private readonly afterMs: number;

  constructor(private readonly options: HeldConnectionsOptions) {
    this.afterMs = options.afterMs ?? HELD_MS;
    this.timer = setInterval(() => this.look(performance.now()), this.afterMs / LOOKS);
    this.timer.unref();
  }

  take(connection: object, statement: string, origin: Origin): void {
    this.holdings.set(connection, { statement, origin, since: performance.now(), told: false });
  }

  giveBack(connection: object): void {
    this.holdings.delete(connection);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(now: number): void {
    for (const holding of this.holdings.values()) {
      const heldMs = now - holding.since;
      if (holding.told || heldMs < this.afterMs) continue;
      holding.told = true;
      this.options.log.warn('database connection held', {
        statement: holding.statement,
        held_seconds: Math.round(heldMs) / 1_000,
        origin: holding.origin.frames,
      });
    }
  }
}
