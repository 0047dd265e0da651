import type { IncidentRow, NewIncident } from '../../../db/repositories/incident-row.ts';
import type { Incident } from '../../../shared/protocol/http.ts';

/** Who reads it: administrators are also told who wrote what, and what was changed without a word to the public. */
export type Audience = 'public' | 'admin';

/** An incident as the API shows it. An estimate of the service itself that has passed is none any more; an administrator's stands. */
export function incidentAnswer(row: IncidentRow, audience: Audience, now = Date.now()): Incident {
  const due = row.estimatedResolutionAt;
  const stands = due !== null && row.resolvedAt === null && (row.estimatedBy !== 'system' || due.getTime() > now);
  return {
    id: row.id,
    title: row.title,
    impact: row.impact,
    status: row.status,
    components: row.components,
    cause: row.cause,
    automatic: row.automatic,
    started_at: row.startedAt.toISOString(),
    resolved_at: row.resolvedAt?.toISOString() ?? null,
    scheduled_for: row.scheduledFor?.toISOString() ?? null,
    scheduled_until: row.scheduledUntil?.toISOString() ?? null,
    estimated_resolution_at: stands ? due.toISOString() : null,
    estimate_confidence: stands ? row.estimateConfidence : null,
    updates: row.updates
      .filter(({ internal }) => audience === 'admin' || !internal)
      .map(({ id, status, message, by, at }) => ({ id, status, message, by: audience === 'admin' ? by : null, at })),
  };
}

/** One that could not be stored yet, as the status shows it meanwhile. */
export function unstoredAnswer(incident: NewIncident): Incident {
  const { id, startedAt, message, by, ...rest } = incident;
  const at = startedAt.toISOString();
  const update = { id, status: rest.status, message, by, internal: false, at };
  return incidentAnswer(
    { ...rest, id, seq: 0, components: [...rest.components], startedAt, resolvedAt: null, updates: [update] },
    'public',
  );
}
