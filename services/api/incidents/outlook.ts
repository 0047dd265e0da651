import { CONFIDENCES, type Incident } from '../../../shared/protocol/http.ts';

/** When everything that is wrong is expected to be over: known only if it is known of every incident, and as sure as of the least sure. */
export function outlook(
  incidents: readonly Incident[],
): Pick<Incident, 'estimated_resolution_at' | 'estimate_confidence'> {
  const times = incidents.map((incident) => incident.estimated_resolution_at);
  const latest = times.reduce(
    (late, time) => (late === null || time === null ? null : late > time ? late : time),
    times[0] ?? null,
  );
  if (latest === null) return { estimated_resolution_at: null, estimate_confidence: null };
  const least = Math.max(...incidents.map(({ estimate_confidence: sure }) => CONFIDENCES.indexOf(sure ?? 'low')));
  return { estimated_resolution_at: latest, estimate_confidence: CONFIDENCES[least] ?? 'low' };
}

/** Incidents and planned maintenance are told apart by whether a time was planned. */
export function isMaintenance(incident: Pick<Incident, 'scheduled_for'>): boolean {
  return incident.scheduled_for !== null;
}

/** What is wrong now: no plan for the future. */
export function isOpenIssue({ status }: { status: Incident['status'] }): boolean {
  return status !== 'scheduled' && status !== 'resolved' && status !== 'completed';
}
