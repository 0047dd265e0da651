import { z } from 'zod';
import { CAPACITY_LEVELS } from '../workflow/capacity-level.ts';
import { PRIORITIES } from '../workflow/priority.ts';
import { COMPONENTS } from './components.ts';
import { IMPACTS, INCIDENT_STATUSES } from './http-incidents.ts';

/** Answers of the HTTP API about the past of the service, and orders to its parts. Part of ./http.ts. */
const isoTime = z.iso.datetime();

/** Points of one answer at most. */
export const MAX_HISTORY_POINTS = 1_000;

export const historyQuerySchema = z
  .strictObject({
    from: isoTime.optional().describe('Left out: an hour before `to`.'),
    to: isoTime.optional().describe('Left out: now.'),
    step: z.coerce
      .number()
      .int()
      .min(5)
      .max(86_400)
      .optional()
      .describe(
        'Seconds between points; made longer until at most 1,000 points are left. Left out: as short as it can be.',
      ),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'It must be after `from`.',
  });

const most = (what: string) => z.int().nullable().describe(`Most ${what} in the step; null: not known.`);
const milliseconds = z
  .number()
  .nullable()
  .describe('Over all requests of all replicas in the step; null: there were none.');
const count = z.int().describe('In the step, on all replicas.');

export const historyPointSchema = z.object({
  at: isoTime.describe('Beginning of the step.'),
  users: most('users'),
  max_users: z.int().nullable(),
  slots: most('runs with a slot'),
  max_slots: z.int().nullable(),
  queue_length: most('waiting runs'),
  level: z.enum(CAPACITY_LEVELS).nullable().describe('The worst of the step; null: not known.'),
  p50_ms: milliseconds,
  p95_ms: milliseconds,
  p99_ms: milliseconds,
  error_ratio: z.number().nullable().describe('Share of requests answered with 5xx; null: there were none.'),
  requests: count,
  started: count,
  finished: count,
  failed: count,
  sockets: most('open sockets'),
});

export const historyAnswerSchema = z.object({
  step_seconds: z.int(),
  points: z.array(historyPointSchema).describe('Oldest first; steps of which nothing is known are left out.'),
});

export const uptimeQuerySchema = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(90) });

export const uptimeAnswerSchema = z.object({
  days: z.int(),
  components: z.array(
    z.object({
      name: z.enum(COMPONENTS),
      uptime_ratio: z.number().nullable().describe('0 to 1, of the time that is known; null: nothing is known.'),
      days: z
        .array(
          z.object({
            date: z.iso.date().describe('A day in UTC.'),
            uptime_ratio: z.number().nullable(),
            down_seconds: z.int(),
            degraded_seconds: z.int(),
            known_seconds: z.int().describe('Time of the day of which it is known how the component was.'),
          }),
        )
        .describe('Oldest first, today last; every day is there.'),
    }),
  ),
  at: isoTime,
});

/** As Atlassian Statuspage answers `summary.json`, so that its readers work; our own fields are the last of their objects. */
const statuspageUpdateSchema = z.object({
  id: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  body: z.string(),
  incident_id: z.string(),
  created_at: isoTime,
  updated_at: isoTime,
  display_at: isoTime,
});
const statuspageIncidentSchema = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(INCIDENT_STATUSES),
  impact: z.enum([...IMPACTS, 'maintenance']),
  shortlink: z.string(),
  page_id: z.string(),
  created_at: isoTime,
  started_at: isoTime,
  updated_at: isoTime,
  monitoring_at: isoTime.nullable(),
  resolved_at: isoTime.nullable(),
  incident_updates: z.array(statuspageUpdateSchema),
  components: z.array(z.object({ id: z.string(), name: z.string() })),
  estimated_resolution_at: isoTime.nullable(),
  estimate_confidence: z.enum(['high', 'medium', 'low']).nullable(),
});
export const statuspageSummarySchema = z.object({
  page: z.object({ id: z.string(), name: z.string(), url: z.string(), time_zone: z.string(), updated_at: isoTime }),
  status: z.object({
    indicator: z.enum([...IMPACTS, 'maintenance']),
    description: z.string(),
  }),
  components: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      status: z.enum(['operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance']),
      position: z.int(),
      description: z.string().nullable(),
      group_id: z.null(),
      group: z.literal(false),
      only_show_if_degraded: z.literal(false),
      page_id: z.string(),
      updated_at: isoTime,
    }),
  ),
  incidents: z.array(statuspageIncidentSchema),
  scheduled_maintenances: z.array(
    statuspageIncidentSchema.extend({ scheduled_for: isoTime, scheduled_until: isoTime }),
  ),
});

export const drainAnswerSchema = z.object({
  replica: z.string(),
  draining: z.literal(true).describe('It has been told: it takes nothing new, hands on what it has, and ends.'),
});

export const runPatchSchema = z.strictObject({ priority: z.enum(PRIORITIES) });

export type HistoryQuery = z.infer<typeof historyQuerySchema>;
export type HistoryPoint = z.infer<typeof historyPointSchema>;
export type HistoryAnswer = z.infer<typeof historyAnswerSchema>;
export type UptimeAnswer = z.infer<typeof uptimeAnswerSchema>;
export type StatuspageSummary = z.infer<typeof statuspageSummarySchema>;
