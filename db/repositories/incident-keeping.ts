import type { Confidence } from '../../shared/protocol/http.ts';
import { jsonText } from '../json-text.ts';
import type { Postgres } from '../postgres.ts';
import type { Statement } from '../statement.ts';

/** Written only when the last mark is older than this (s): however many replicas see a cause, they cost one write in that time. */
const SEEN_EVERY_SECONDS = 5;

const SEEN: Statement = {
  name: 'incidents.seen',
  text: `
    UPDATE incidents i SET last_seen_at = now()
    WHERE i.cause = ANY($1) AND i.resolved_at IS NULL AND i.last_seen_at < now() - make_interval(secs => ${SEEN_EVERY_SECONDS})`,
};

const CLOSE_QUIET: Statement = {
  name: 'incidents.closeQuiet',
  text: `
    WITH closed AS (
      UPDATE incidents i SET status = 'resolved', resolved_at = now(), resolved_by = 'system'
      WHERE i.automatic AND i.resolved_at IS NULL AND i.last_seen_at < now() - make_interval(secs => $1)
      RETURNING i.id, i.cause
    ), told AS (
      INSERT INTO incident_updates (id, incident_id, at, internal, status, message, written_by)
      SELECT gen_random_uuid(), closed.id, now(), false, 'resolved', $2, 'system' FROM closed
    )
    SELECT cause FROM closed`,
};

/** Maintenance that is due begins, and ends at its time; one that was missed altogether goes through both at once. */
const TURN_MAINTENANCE: Statement = {
  name: 'incidents.turnMaintenance',
  text: `
    WITH due AS (
      SELECT i.id, CASE WHEN i.scheduled_until <= now() THEN 'completed' ELSE 'in_progress' END AS status
      FROM incidents i
      WHERE i.resolved_at IS NULL AND (
        (i.status = 'scheduled' AND i.scheduled_for <= now()) OR (i.status = 'in_progress' AND i.scheduled_until <= now())
      )
      FOR UPDATE SKIP LOCKED
    ), turned AS (
      UPDATE incidents i SET status = due.status,
        resolved_at = CASE WHEN due.status = 'completed' THEN now() END,
        resolved_by = CASE WHEN due.status = 'completed' THEN 'system' END
      FROM due WHERE i.id = due.id
      RETURNING i.id, i.status
    )
    INSERT INTO incident_updates (id, incident_id, at, internal, status, message, written_by)
    SELECT gen_random_uuid(), t.id, now(), false, t.status, CASE t.status WHEN 'completed' THEN $2 ELSE $1 END, 'system' FROM turned t
    RETURNING id`,
};

/** An administrator's word is not touched; rows that would not change by more than a moment are not written. */
const ESTIMATE: Statement = {
  name: 'incidents.estimate',
  text: `
    UPDATE incidents i SET estimated_resolution_at = e.at, estimate_confidence = e.confidence,
      estimated_by = CASE WHEN e.at IS NOT NULL THEN 'system' END
    FROM jsonb_to_recordset($1::jsonb) AS e(cause text, at timestamptz, confidence text)
    WHERE i.cause = e.cause AND i.resolved_at IS NULL AND coalesce(i.estimated_by, 'system') = 'system'
      AND (
        (i.estimated_resolution_at IS NULL) <> (e.at IS NULL)
        OR abs(extract(epoch FROM i.estimated_resolution_at - e.at)) > 5
        OR i.estimate_confidence IS DISTINCT FROM e.confidence
      )`,
};

export interface CauseEstimate {
  cause: string;
  /** null: not known. */
  at: Date | null;
  confidence: Confidence | null;
}

/** What happens to incidents by itself. All of it may be done by any number of replicas at once. */
export class IncidentKeeping {
  constructor(private readonly postgres: Postgres) {}

  /** These causes are there now. */
  async seen(causes: readonly string[]): Promise<void> {
    if (causes.length > 0) await this.postgres.run(SEEN, [causes]);
  }

  /** Ends automatic incidents whose cause nobody has seen for that long (s); answers their causes. */
  async closeQuiet(quietSeconds: number, message: string): Promise<string[]> {
    return (await this.postgres.run<{ cause: string }>(CLOSE_QUIET, [quietSeconds, message])).map(({ cause }) => cause);
  }

  /** Begins and ends planned maintenance; answers how many were due. */
  async turnMaintenance(texts: { begun: string; completed: string }): Promise<number> {
    return (await this.postgres.run(TURN_MAINTENANCE, [texts.begun, texts.completed])).length;
  }

  async estimate(estimates: readonly CauseEstimate[]): Promise<void> {
    if (estimates.length > 0) await this.postgres.run(ESTIMATE, [jsonText(estimates)]);
  }
}
