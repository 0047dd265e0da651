import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Long enough for a browser to open its socket, short enough for a leaked one to be worthless (ms). */
export const TICKET_LIFE_MS = 30_000;

/** Whom a ticket lets in. */
export interface TicketHolder {
  userId: string;
  role: 'user' | 'admin';
  /** End (Unix ms) of the token the ticket was got with: a socket must not outlive it. */
  expiresAt: number;
}

/** Single-use tickets for browsers, which cannot send a token when they open a socket. */
export class Tickets {
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
  ) {}

  /** 256 random bits as base64url. */
  async issue({ userId, role, expiresAt }: TicketHolder): Promise<string> {
    const ticket = randomBytes(32).toString('base64url');
    const holder = JSON.stringify({ userId, role, expiresAt } satisfies TicketHolder);
    try {
      await this.redis.set(this.keys.ticket(ticket), holder, 'PX', TICKET_LIFE_MS);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
    return ticket;
  }

  /** Whom it was issued to, for the first who asks; null: never issued, used, or lapsed. */
  async redeem(ticket: string): Promise<TicketHolder | null> {
    // What is no ticket is not put into a key.
    if (!/^[A-Za-z0-9_-]{43}$/.test(ticket)) return null;
    try {
      const holder = await this.redis.getdel(this.keys.ticket(ticket));
      return holder === null ? null : (JSON.parse(holder) as TicketHolder);
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}
