import type { Confidence, Impact, IncidentStatus } from '../../shared/protocol/http.ts';

/** An incident or planned maintenance as it stands in the table, with its updates, newest first. */
export interface IncidentRow {
  id: string;
  /** Order of opening; what lists page by. */
  seq: number;
  title: string;
  impact: Impact;
  status: IncidentStatus;
  components: string[];
  /** Stable key of an automatic one. */
  cause: string | null;
  automatic: boolean;
  startedAt: Date;
  resolvedAt: Date | null;
  /** Both are set of planned maintenance only. */
  scheduledFor: Date | null;
  scheduledUntil: Date | null;
  estimatedResolutionAt: Date | null;
  estimateConfidence: Confidence | null;
  /** Whose estimate it is: an administrator, `system`, or null: there is none. */
  estimatedBy: string | null;
  updates: IncidentUpdateRow[];
}

export interface IncidentUpdateRow {
  id: string;
  status: IncidentStatus;
  message: string;
  /** The administrator, or `system`. */
  by: string;
  /** For administrators only. */
  internal: boolean;
  /** ISO time. */
  at: string;
}

export interface NewIncident {
  id: string;
  title: string;
  impact: Impact;
  status: IncidentStatus;
  components: readonly string[];
  cause: string | null;
  automatic: boolean;
  startedAt: Date;
  scheduledFor: Date | null;
  scheduledUntil: Date | null;
  estimatedResolutionAt: Date | null;
  estimateConfidence: Confidence | null;
  estimatedBy: string | null;
  /** The first update. */
  message: string;
  by: string;
}

export interface NewUpdate {
  status: IncidentStatus;
  message: string;
  by: string;
}

/** Statuses that end an incident or maintenance. */
export const CLOSING_STATUSES = ['resolved', 'completed'] as const satisfies IncidentStatus[];

/** Select list that makes a row of `incidents i` an {@link IncidentRow}. */
export const INCIDENT_COLUMNS = `
  i.id, i.seq, i.title, i.impact, i.status, i.components, i.cause, i.automatic, i.started_at AS "startedAt", i.resolved_at AS "resolvedAt",
  i.scheduled_for AS "scheduledFor", i.scheduled_until AS "scheduledUntil", i.estimated_resolution_at AS "estimatedResolutionAt",
  i.estimate_confidence AS "estimateConfidence", i.estimated_by AS "estimatedBy",
  (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'id', u.id, 'status', u.status, 'message', u.message, 'by', u.written_by, 'internal', u.internal,
      'at', to_char(u.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    ) ORDER BY u.seq DESC), '[]')
    FROM incident_updates u WHERE u.incident_id = i.id
  ) AS updates`;
