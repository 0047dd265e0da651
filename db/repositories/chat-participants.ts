import type { RunStatus } from '../../shared/workflow/run-state.ts';
import { plainArray, textArray } from '../array-literal.ts';
import type { Postgres } from '../postgres.ts';
import { isUniqueViolation } from '../sql-failure.ts';
import type { Statement } from '../statement.ts';

/** What somebody is to a run. */
export interface RunAccess {
  owner: string;
  workflowId: string;
  workflowName: string;
  /** Invited; the owner is not. */
  participant: boolean;
}

export interface ParticipantRow {
  userId: string;
  /** null: the owner. */
  invitedBy: string | null;
  /** null: the owner of a run whose chat has not begun. */
  joinedAt: Date | null;
  readSeq: number;
}

/** A chat somebody takes part in. */
export interface ChatRow {
  /** Order in which this person joined chats; what lists page by. */
  seq: number;
  runId: string;
  workflowId: string;
  workflowName: string;
  status: RunStatus;
  owner: string;
  people: number;
  lastSeq: number;
  readSeq: number;
  joinedAt: Date;
}

export interface ReadMark {
  runId: string;
  userId: string;
  seq: number;
}

export type Invited = 'invited' | 'known' | 'full' | 'not_owner';

const ACCESS: Statement = {
  name: 'participants.access',
  text: `
    SELECT r.user_id AS owner, r.workflow_id AS "workflowId", r.workflow_name AS "workflowName",
      EXISTS (SELECT FROM run_participants p WHERE p.run_id = $1 AND p.user_id = $2 AND r.user_id <> $2) AS participant
    FROM runs r WHERE r.id = $1`,
};

const LIST: Statement = {
  name: 'participants.list',
  text: `
    SELECT r.user_id AS "userId", NULL AS "invitedBy", p.joined_at AS "joinedAt", coalesce(p.read_seq, 0) AS "readSeq", 0 AS seq
    FROM runs r LEFT JOIN run_participants p ON p.run_id = r.id AND p.user_id = r.user_id WHERE r.id = $1
    UNION ALL
    SELECT p.user_id, p.invited_by, p.joined_at, p.read_seq, p.seq
    FROM run_participants p JOIN runs r ON r.id = p.run_id WHERE p.run_id = $1 AND p.user_id <> r.user_id
    ORDER BY seq`,
};

/** The place is taken in the locked row of the chat, so there are never more people than `$4`, however many are invited at once. */
const INVITE: Statement = {
  name: 'participants.invite',
  text: `
    WITH run AS (
      SELECT r.user_id AS owner FROM runs r WHERE r.id = $1 AND r.user_id = $2
    ), known AS (
      SELECT FROM run_participants p WHERE p.run_id = $1 AND p.user_id = $3
    ), place AS (
      INSERT INTO chats AS c (run_id, people, updated_at) SELECT $1, 2, now() FROM run WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT (run_id) DO UPDATE SET people = c.people + 1 WHERE c.people < $4
      RETURNING c.people
    ), owner AS (
      INSERT INTO run_participants (run_id, user_id, joined_at) SELECT $1, run.owner, now() FROM run, place ON CONFLICT DO NOTHING
    ), added AS (
      INSERT INTO run_participants (run_id, user_id, invited_by, joined_at) SELECT $1, $3, $2, now() FROM place RETURNING user_id
    )
    SELECT CASE
      WHEN NOT EXISTS (SELECT FROM run) THEN 'not_owner'
      WHEN EXISTS (SELECT FROM known) THEN 'known'
      WHEN EXISTS (SELECT FROM added) THEN 'invited'
      ELSE 'full' END AS outcome`,
};

const REMOVE: Statement = {
  name: 'participants.remove',
  text: `
    WITH gone AS (
      DELETE FROM run_participants p USING runs r
      WHERE p.run_id = $1 AND p.user_id = $2 AND r.id = p.run_id AND r.user_id <> p.user_id
      RETURNING p.user_id
    ), place AS (
      UPDATE chats SET people = people - 1 WHERE run_id = $1 AND EXISTS (SELECT FROM gone)
    )
    SELECT user_id FROM gone`,
};

/** Never backwards, never beyond the last message. */
const MARK_READ: Statement = {
  name: 'participants.markRead',
  text: `
    UPDATE run_participants p SET read_seq = least(v.seq, c.last_seq)
    FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS v(run_id, user_id, seq) JOIN chats c ON c.run_id = v.run_id
    WHERE p.run_id = v.run_id AND p.user_id = v.user_id AND p.read_seq < least(v.seq, c.last_seq)
    RETURNING p.run_id AS "runId", p.user_id AS "userId", p.read_seq AS seq`,
};

const CHATS_OF: Statement = {
  name: 'participants.chatsOf',
  text: `
    SELECT p.seq, p.run_id AS "runId", r.workflow_id AS "workflowId", r.workflow_name AS "workflowName", r.status, r.user_id AS owner,
      c.people, c.last_seq AS "lastSeq", p.read_seq AS "readSeq", p.joined_at AS "joinedAt"
    FROM run_participants p JOIN chats c ON c.run_id = p.run_id JOIN runs r ON r.id = p.run_id
    WHERE p.user_id = $1 AND p.seq < $2 ORDER BY p.seq DESC LIMIT $3`,
};

/** Table `run_participants`: who takes part in the chat of which run, and what they have read. */
export class ChatParticipants {
  constructor(private readonly postgres: Postgres) {}

  /** null: there is no such run. */
  async access(runId: string, userId: string): Promise<RunAccess | null> {
    const [access] = await this.postgres.run<RunAccess>(ACCESS, [runId, userId]);
    return access ?? null;
  }

  /** The owner first, then in the order in which they were invited. */
  list(runId: string): Promise<ParticipantRow[]> {
    return this.postgres.run<ParticipantRow>(LIST, [runId]);
  }

  /** `max`: people in a chat, the owner included. */
  async invite(runId: string, owner: string, userId: string, max: number): Promise<Invited> {
    const invite = async () => {
      const [row] = await this.postgres.run<{ outcome: Invited }>(INVITE, [runId, owner, userId, max]);
      return row?.outcome ?? 'not_owner';
    };
    // Invited twice at the same moment: the first one counts.
    return invite().catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      return invite();
    });
  }

  /** False: was not invited. The owner stays. */
  async remove(runId: string, userId: string): Promise<boolean> {
    return (await this.postgres.run(REMOVE, [runId, userId])).length > 0;
  }

  /** One mark a person and run; answers those that were news, as stored. */
  async markRead(marks: readonly ReadMark[]): Promise<ReadMark[]> {
    if (marks.length === 0) return [];
    return this.postgres.run<ReadMark>(MARK_READ, [
      plainArray(marks.map(({ runId }) => runId)),
      textArray(marks.map(({ userId }) => userId)),
      plainArray(marks.map(({ seq }) => seq)),
    ]);
  }

  /** Chats of a person, the latest joined first; the next page is `before` the `seq` of this one's last. */
  chatsOf(
    userId: string,
    { limit, before = Number.MAX_SAFE_INTEGER }: { limit: number; before?: number },
  ): Promise<ChatRow[]> {
    return this.postgres.run<ChatRow>(CHATS_OF, [userId, before, limit]);
  }
}
