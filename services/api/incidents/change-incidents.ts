import { randomUUID } from 'node:crypto';
import type { IncidentRow } from '../../../db/repositories/incident-row.ts';
import type { IncidentChange, Incidents } from '../../../db/repositories/incidents.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import {
  type IncidentBody,
  type IncidentPatch,
  type IncidentUpdateBody,
  MAINTENANCE_STAGES,
} from '../../../shared/protocol/http.ts';

export interface ChangeIncidentsDeps {
  incidents: Pick<Incidents, 'create' | 'get' | 'update' | 'change'>;
  log: Logger;
}

/** What administrators do with incidents. All methods throw WeirError `storage_unavailable`; `by` is the administrator. */
export class ChangeIncidents {
  constructor(private readonly deps: ChangeIncidentsDeps) {}

  async create(body: IncidentBody, by: string): Promise<IncidentRow> {
    const planned = body.scheduled_for !== undefined;
    const due = dateOf(body.estimated_resolution_at);
    const id = randomUUID();
    const status = body.status ?? (planned ? 'scheduled' : 'investigating');
    await this.deps.incidents.create({
      id,
      title: body.title,
      impact: body.impact,
      status,
      components: body.components ?? [],
      cause: null,
      automatic: false,
      startedAt: dateOf(body.scheduled_for) ?? new Date(),
      scheduledFor: dateOf(body.scheduled_for),
      scheduledUntil: dateOf(body.scheduled_until),
      estimatedResolutionAt: due,
      estimateConfidence: due === null ? null : 'high',
      estimatedBy: due === null ? null : by,
      message: body.message,
      by,
    });
    this.deps.log.warn('incident opened', { id, by, title: body.title, status });
    return this.get(id);
  }

  /** Throws `incident_not_found`. What was changed is written down, for administrators to read. */
  async change(id: string, patch: IncidentPatch, by: string): Promise<IncidentRow> {
    const { title, impact, estimated_resolution_at: due } = patch;
    const change: IncidentChange = {
      title,
      impact,
      estimatedResolutionAt: due === undefined ? undefined : dateOf(due),
    };
    const note = [
      ...(title === undefined ? [] : [`title: ${title}`]),
      ...(impact === undefined ? [] : [`impact: ${impact}`]),
      ...(due === undefined ? [] : [`estimated resolution: ${due ?? 'not known'}`]),
    ].join(', ');
    if (!(await this.deps.incidents.change(id, change, { note: `Changed ${note}.`, by })))
      throw new WeirError('incident_not_found');
    this.deps.log.warn('incident changed', { id, by, patch });
    return this.get(id);
  }

  /** Throws `incident_not_found`, `incident_closed`, `incident_stage_invalid`. */
  async update(id: string, { status, message }: IncidentUpdateBody, by: string): Promise<IncidentRow> {
    const row = await this.get(id);
    if ((row.scheduledFor !== null) !== MAINTENANCE_STAGES.some((stage) => stage === status))
      throw new WeirError('incident_stage_invalid');
    if (!(await this.deps.incidents.update(id, { status, message, by }))) throw new WeirError('incident_closed');
    this.deps.log.warn('incident updated', { id, by, status });
    return this.get(id);
  }

  private async get(id: string): Promise<IncidentRow> {
    const row = await this.deps.incidents.get(id);
    if (row === null) throw new WeirError('incident_not_found');
    return row;
  }
}

function dateOf(iso: string | null | undefined): Date | null {
  return iso === undefined || iso === null ? null : new Date(iso);
}
