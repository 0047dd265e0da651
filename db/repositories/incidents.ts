import { randomUUID } from 'node:crypto';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';
import {
  CLOSING_STATUSES,
  INCIDENT_COLUMNS,
  type IncidentRow,
  type NewIncident,
  type NewUpdate,
} from './incident-row.ts';

const CLOSES = CLOSING_STATUSES.map((status) => `'${status}'`).join(', ');

const OPEN: Statement = {
  name: 'incidents.listOpen',
  text: `SELECT ${INCIDENT_COLUMNS} FROM incidents i WHERE i.resolved_at IS NULL ORDER BY i.seq DESC LIMIT $1`,
};

const LIST: Statement = {
  name: 'incidents.list',
  text: `SELECT ${INCIDENT_COLUMNS} FROM incidents i WHERE i.seq < $1 ORDER BY i.seq DESC LIMIT $2`,
};

const LIST_OPEN: Statement = {
  name: 'incidents.listOpenPage',
  text: `
    SELECT ${INCIDENT_COLUMNS} FROM incidents i WHERE i.resolved_at IS NULL AND i.seq < $1 ORDER BY i.seq DESC LIMIT $2`,
};

const GET: Statement = { name: 'incidents.get', text: `SELECT ${INCIDENT_COLUMNS} FROM incidents i WHERE i.id = $1` };

/**
 * Nothing happens if an incident of this cause is open, or if an administrator closed one less than `$3` seconds ago: they said it is over,
 * and what is left of its cause is not to contradict them at once.
 */
const CREATE: Statement = {
  name: 'incidents.create',
  text: `
    WITH given AS (
      SELECT * FROM jsonb_to_record($1::jsonb) AS g(
        id uuid, title text, impact text, status text, components text[], cause text, automatic boolean, "startedAt" timestamptz,
        "scheduledFor" timestamptz, "scheduledUntil" timestamptz, "estimatedResolutionAt" timestamptz, "estimateConfidence" text,
        "estimatedBy" text, message text, by text
      )
    ), opened AS (
      INSERT INTO incidents (id, title, impact, status, components, cause, automatic, started_at, scheduled_for, scheduled_until,
        estimated_resolution_at, estimate_confidence, estimated_by, last_seen_at)
      SELECT g.id, g.title, g.impact, g.status, g.components, g.cause, g.automatic, g."startedAt", g."scheduledFor", g."scheduledUntil",
        g."estimatedResolutionAt", g."estimateConfidence", g."estimatedBy", CASE WHEN g.automatic THEN now() END
      FROM given g
      WHERE NOT EXISTS (
        SELECT FROM incidents c
        WHERE c.cause = g.cause AND c.resolved_by <> 'system' AND c.resolved_at > now() - make_interval(secs => $3)
      )
      ON CONFLICT (cause) WHERE resolved_at IS NULL DO NOTHING
      RETURNING id
    ), told AS (
      INSERT INTO incident_updates (id, incident_id, at, internal, status, message, written_by)
      SELECT $2, opened.id, now(), false, g.status, g.message, g.by FROM opened, given g
    )
    SELECT id FROM opened`,
};

/** The row is locked by its update, so of two who close it at once one comes too late and writes nothing. */
const UPDATE: Statement = {
  name: 'incidents.update',
  text: `
    WITH changed AS (
      UPDATE incidents i SET status = $3,
        resolved_at = CASE WHEN $3 IN (${CLOSES}) THEN now() END,
        resolved_by = CASE WHEN $3 IN (${CLOSES}) THEN $5 END
      WHERE i.id = $1 AND i.resolved_at IS NULL
      RETURNING i.id
    )
    INSERT INTO incident_updates (id, incident_id, at, internal, status, message, written_by)
    SELECT $2, changed.id, now(), false, $3, $4, $5 FROM changed
    RETURNING id`,
};

const CHANGE: Statement = {
  name: 'incidents.change',
  text: `
    WITH changed AS (
      UPDATE incidents i SET
        title = coalesce($3, i.title),
        impact = coalesce($4, i.impact),
        estimated_resolution_at = CASE WHEN $5 THEN $6::timestamptz ELSE i.estimated_resolution_at END,
        estimate_confidence = CASE WHEN $5 THEN CASE WHEN $6::timestamptz IS NOT NULL THEN 'high' END ELSE i.estimate_confidence END,
        estimated_by = CASE WHEN $5 THEN CASE WHEN $6::timestamptz IS NOT NULL THEN $8 END ELSE i.estimated_by END
      WHERE i.id = $1
      RETURNING i.id, i.status
    )
    INSERT INTO incident_updates (id, incident_id, at, internal, status, message, written_by)
    SELECT $2, changed.id, now(), true, changed.status, $7, $8 FROM changed
    RETURNING id`,
};

export interface IncidentChange {
  title?: string | undefined;
  impact?: string | undefined;
  /** null: take the estimate back. */
  estimatedResolutionAt?: Date | null | undefined;
}

/** Tables `incidents` and `incident_updates`: what was and is wrong, and what was said about it. */
export class Incidents {
  constructor(private readonly postgres: Postgres) {}

  /** Newest first, maintenance included. */
  open(limit = 100): Promise<IncidentRow[]> {
    return this.postgres.run<IncidentRow>(OPEN, [limit]);
  }

  /** Newest first. */
  list({ limit, before = Number.MAX_SAFE_INTEGER, open }: { limit: number; before?: number; open: boolean }) {
    return this.postgres.run<IncidentRow>(open ? LIST_OPEN : LIST, [before, limit]);
  }

  async get(id: string): Promise<IncidentRow | null> {
    const [row] = await this.postgres.run<IncidentRow>(GET, [id]);
    return row ?? null;
  }

  /**
   * False: an incident of the same cause is open, or was closed by an administrator within `graceSeconds`. Without a cause it is always
   * opened; the same id twice is an error.
   */
  async create(incident: NewIncident, graceSeconds = 0): Promise<boolean> {
    const rows = await this.postgres.run(CREATE, [jsonText(incident), randomUUID(), graceSeconds]);
    return rows.length > 0;
  }

  /** False: there is no such open incident. */
  async update(id: string, { status, message, by }: NewUpdate): Promise<boolean> {
    return (await this.postgres.run(UPDATE, [id, randomUUID(), status, plain(message), by])).length > 0;
  }

  /** Changes what it says, and writes down who did. False: there is no such incident. */
  async change(id: string, change: IncidentChange, { note, by }: { note: string; by: string }): Promise<boolean> {
    const { title, impact, estimatedResolutionAt } = change;
    const values = [
      id,
      randomUUID(),
      title === undefined ? null : plain(title),
      impact ?? null,
      estimatedResolutionAt !== undefined,
      estimatedResolutionAt ?? null,
      plain(note),
      by,
    ];
    return (await this.postgres.run(CHANGE, values)).length > 0;
  }
}

/** A text column takes no U+0000. */
function plain(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
