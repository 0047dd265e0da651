import { z } from 'zod';
import { COMPONENTS } from './components.ts';

/** Bodies and answers of the HTTP API about incidents and planned maintenance. Part of ./http.ts. */
const isoTime = z.iso.datetime();

/** In order of severity. */
export const IMPACTS = ['none', 'minor', 'major', 'critical'] as const;
/** Stages of an incident, and of planned maintenance; the last of each is its end. */
export const INCIDENT_STAGES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export const MAINTENANCE_STAGES = ['scheduled', 'in_progress', 'completed'] as const;
export const INCIDENT_STATUSES = [...INCIDENT_STAGES, ...MAINTENANCE_STAGES] as const;
/** What one can be opened as. */
const OPENING_STATUSES = ['investigating', 'identified', 'monitoring', 'scheduled', 'in_progress'] as const;
export const CONFIDENCES = ['high', 'medium', 'low'] as const;

/** Characters at most. */
export const MAX_INCIDENT_TITLE = 200;
export const MAX_INCIDENT_MESSAGE = 4_000;

const title = z.string().trim().min(1).max(MAX_INCIDENT_TITLE);
const message = z.string().trim().min(1).max(MAX_INCIDENT_MESSAGE);
const impact = z.enum(IMPACTS);

export const incidentUpdateSchema = z.object({
  id: z.uuid(),
  status: z.enum(INCIDENT_STATUSES),
  message: z.string(),
  by: z.string().nullable().describe('The administrator, or `system`; null: only administrators are told.'),
  at: isoTime,
});

export const incidentSchema = z.object({
  id: z.uuid(),
  title: z.string(),
  impact,
  status: z.enum(INCIDENT_STATUSES),
  components: z.array(z.string()).describe('Names as in the components of the system status.'),
  cause: z.string().nullable().describe('Of an automatic one: stable, and of one open incident only.'),
  automatic: z.boolean().describe('Opened by the service itself, which also closes it.'),
  started_at: isoTime.describe('Of maintenance: its planned or real beginning.'),
  resolved_at: isoTime.nullable(),
  scheduled_for: isoTime.nullable().describe('null: not maintenance.'),
  scheduled_until: isoTime.nullable(),
  estimated_resolution_at: isoTime.nullable().describe('null: not known.'),
  estimate_confidence: z.enum(CONFIDENCES).nullable().describe('high: an administrator said so.'),
  updates: z.array(incidentUpdateSchema).describe('Newest first.'),
});

export const incidentPageSchema = z.object({
  items: z.array(incidentSchema).describe('Newest first.'),
  next_cursor: z.string().nullable(),
});

export const incidentsQuerySchema = z.strictObject({
  status: z.enum(['open', 'all']).default('all').describe('open: not resolved, planned maintenance included.'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export const incidentBodySchema = z
  .strictObject({
    title,
    impact,
    status: z
      .enum(OPENING_STATUSES)
      .optional()
      .describe('Left out: `investigating`, or `scheduled` with `scheduled_for`.'),
    message: message.describe('The first update.'),
    components: z.array(z.enum(COMPONENTS)).max(COMPONENTS.length).optional(),
    scheduled_for: isoTime.optional().describe('Makes it planned maintenance, which begins and ends by itself.'),
    scheduled_until: isoTime.optional(),
    estimated_resolution_at: isoTime.optional(),
  })
  .refine((body) => (body.scheduled_for === undefined) === (body.scheduled_until === undefined), {
    path: ['scheduled_until'],
    message: 'Send `scheduled_for` and `scheduled_until` together.',
  })
  .refine((body) => !(Date.parse(body.scheduled_until ?? '') <= Date.parse(body.scheduled_for ?? '')), {
    path: ['scheduled_until'],
    message: 'It must be after `scheduled_for`.',
  })
  .refine(
    ({ status, scheduled_for }) =>
      status === undefined || MAINTENANCE_STAGES.some((stage) => stage === status) === (scheduled_for !== undefined),
    { path: ['status'], message: 'Maintenance has stages of its own: scheduled, in_progress, completed.' },
  );

export const incidentPatchSchema = z
  .strictObject({
    title: title.optional(),
    impact: impact.optional(),
    estimated_resolution_at: isoTime
      .nullable()
      .optional()
      .describe('Yours counts until you change it; null: not known, or what the service estimates.'),
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), 'Name at least one field.');

export const incidentUpdateBodySchema = z.strictObject({
  status: z.enum(INCIDENT_STATUSES).describe('`resolved` and `completed` close it.'),
  message,
});

export type Incident = z.infer<typeof incidentSchema>;
export type IncidentPage = z.infer<typeof incidentPageSchema>;
export type IncidentBody = z.infer<typeof incidentBodySchema>;
export type IncidentPatch = z.infer<typeof incidentPatchSchema>;
export type IncidentUpdateBody = z.infer<typeof incidentUpdateBodySchema>;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];
export type Impact = (typeof IMPACTS)[number];
export type Confidence = (typeof CONFIDENCES)[number];
