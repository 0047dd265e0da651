import type { Postgres } from '../postgres.ts';
import { isUniqueViolation } from '../sql-failure.ts';
import type { Statement } from '../statement.ts';

export interface MessageRow {
  runId: string;
  /** 1, 2, 3 … within the run, without holes. */
  seq: number;
  sentAt: Date;
  sender: string;
  /** The sender's own name of the message. */
  clientId: string;
  body: string;
}

export interface NewMessage {
  runId: string;
  sender: string;
  clientId: string;
  body: string;
}

export interface PostedMessage extends MessageRow {
  /** False: the sender had sent it before; this is what was stored then. */
  fresh: boolean;
  /** Up to here the run's messages are in the participants' streams. */
  deliveredSeq: number;
  /** Everybody who takes part, owner and sender included. */
  people: string[];
}

/** A chat with messages that are stored and perhaps in nobody's stream yet. */
export interface Undelivered {
  runId: string;
  deliveredSeq: number;
  lastSeq: number;
  people: string[];
}

const COLUMNS = (alias: string) =>
  `${alias}.run_id AS "runId", ${alias}.seq, ${alias}.sent_at AS "sentAt", ${alias}.sender, ${alias}.client_id AS "clientId", ${alias}.body`;

/** The owner may have no row yet, as long as the chat has not begun. */
const PEOPLE = (runId: string) =>
  `ARRAY(SELECT user_id FROM run_participants WHERE run_id = ${runId} UNION SELECT user_id FROM runs WHERE id = ${runId} ORDER BY 1)`;

/**
 * The counter's row is locked from the number to the end of the statement, so the time is read after the lock: numbers and times grow
 * together. Rows: none if the sender does not take part.
 */
const POST: Statement = {
  name: 'messages.post',
  text: `
    WITH member AS (
      SELECT r.user_id AS owner FROM runs r
      WHERE r.id = $1 AND (r.user_id = $2 OR EXISTS (SELECT FROM run_participants p WHERE p.run_id = $1 AND p.user_id = $2))
    ), known AS (
      SELECT m.* FROM messages m, member WHERE m.run_id = $1 AND m.sender = $2 AND m.client_id = $3
    ), counter AS (
      INSERT INTO chats AS c (run_id, last_seq, updated_at) SELECT $1, 1, now() FROM member WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT (run_id) DO UPDATE SET last_seq = c.last_seq + 1, updated_at = excluded.updated_at
      RETURNING c.last_seq, c.delivered_seq
    ), owner AS (
      INSERT INTO run_participants (run_id, user_id, joined_at)
      SELECT $1, member.owner, now() FROM member, counter WHERE counter.last_seq = 1
      ON CONFLICT DO NOTHING
    ), stored AS (
      INSERT INTO messages (run_id, seq, sent_at, sender, client_id, body)
      SELECT $1, counter.last_seq, date_trunc('milliseconds', clock_timestamp()), $2, $3, $4 FROM counter
      RETURNING *
    )
    SELECT ${COLUMNS('s')}, true AS fresh, counter.delivered_seq AS "deliveredSeq", ${PEOPLE('$1')} AS people
    FROM stored s, counter
    UNION ALL
    SELECT ${COLUMNS('k')}, false, c.delivered_seq, ${PEOPLE('$1')} FROM known k JOIN chats c ON c.run_id = $1`,
};

const NEWEST_FIRST: Statement = {
  name: 'messages.before',
  text: `SELECT ${COLUMNS('m')} FROM messages m WHERE m.run_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3`,
};

const OLDEST_FIRST: Statement = {
  name: 'messages.after',
  text: `SELECT ${COLUMNS('m')} FROM messages m WHERE m.run_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`,
};

const LAST_SEQ: Statement = {
  name: 'chats.lastSeq',
  text: 'SELECT last_seq AS "lastSeq" FROM chats WHERE run_id = $1',
};

const DELIVERED: Statement = {
  name: 'chats.delivered',
  text: 'UPDATE chats SET delivered_seq = $2 WHERE run_id = $1 AND delivered_seq < $2',
};

const UNDELIVERED: Statement = {
  name: 'chats.undelivered',
  text: `
    SELECT c.run_id AS "runId", c.delivered_seq AS "deliveredSeq", c.last_seq AS "lastSeq", ${PEOPLE('c.run_id')} AS people
    FROM chats c WHERE c.delivered_seq < c.last_seq AND c.updated_at < now() - $1::integer * interval '1 millisecond'
    ORDER BY c.updated_at LIMIT $2`,
};

/** `before` of the newest page. */
const BEYOND_ALL = 2_147_483_647;

/** Tables `messages` and `chats`. */
export class ChatMessages {
  constructor(private readonly postgres: Postgres) {}

  /** Stores a message once; null: the sender does not take part, or there is no such run. */
  async post(message: NewMessage): Promise<PostedMessage | null> {
    const values = [
      message.runId,
      message.sender,
      message.clientId,
      // Postgres cannot store U+0000.
      message.body.replaceAll('\u0000', '\ufffd'),
    ];
    const post = async () => (await this.postgres.run<PostedMessage>(POST, values))[0] ?? null;
    // The same message at the same moment by another way: it is stored now, and found.
    return post().catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      return post();
    });
  }

  /** Newest first; the next page is `before` the `seq` of this one's last. */
  page(runId: string, { limit, before = BEYOND_ALL }: { limit: number; before?: number }): Promise<MessageRow[]> {
    return this.postgres.run<MessageRow>(NEWEST_FIRST, [runId, Math.min(before, BEYOND_ALL), limit]);
  }

  /** Oldest first, from the one after `after` on. */
  after(runId: string, after: number, limit: number): Promise<MessageRow[]> {
    return this.postgres.run<MessageRow>(OLDEST_FIRST, [runId, Math.min(after, BEYOND_ALL), limit]);
  }

  /** Number of the newest message; 0: none. */
  async lastSeq(runId: string): Promise<number> {
    const [row] = await this.postgres.run<{ lastSeq: number }>(LAST_SEQ, [runId]);
    return row?.lastSeq ?? 0;
  }

  /** All messages up to `seq` are in the streams. */
  async delivered(runId: string, seq: number): Promise<void> {
    await this.postgres.run(DELIVERED, [runId, seq]);
  }

  /** Chats whose last message is older than `olderThanMs` and was not delivered; the longest waiting first. */
  undelivered(olderThanMs: number, limit: number): Promise<Undelivered[]> {
    return this.postgres.run<Undelivered>(UNDELIVERED, [olderThanMs, limit]);
  }
}
