import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../errors/catalogue.ts';
import { CAPACITY_LEVELS, COMFORTS } from '../workflow/capacity-level.ts';
import { CONFIDENCES, incidentSchema } from './http-incidents.ts';

/** Answers of the HTTP API about the service itself: limits, capacity, status, health, problems. Part of ./http.ts. */
const isoTime = z.iso.datetime();

export const limitsSchema = z.object({
  max_users: z.int().min(1).max(10_000_000),
  max_workflows: z.int().min(0).max(1_000_000),
  hard_limit_users: z.int().min(0).max(100_000_000).describe('0: twice max_users.'),
  queue_max: z.int().min(1).max(100_000_000),
  queue_max_per_user: z.int().min(1).max(100_000_000),
  queue_timeout_seconds: z.number().min(1).max(86_400),
  drain_per_second: z.int().min(1).max(1_000_000),
});
export type Limits = z.infer<typeof limitsSchema>;

export const capacityPatchSchema = limitsSchema
  .partial()
  .strict()
  .refine((patch) => Object.keys(patch).length > 0, 'Name at least one limit.');

export const capacityAnswerSchema = z.object({
  limits: limitsSchema,
  level: z.enum(CAPACITY_LEVELS),
  level_since: isoTime.nullable(),
  active_users: z.int(),
  active_workflows: z.int(),
  ready_workflows: z.int(),
  queue_length: z.int(),
  leader: z.object({ replica: z.string(), epoch: z.int() }).nullable(),
  replicas: z.array(
    z.object({
      id: z.string(),
      version: z.string(),
      roles: z.array(z.string()),
      sockets: z.int(),
      runs: z.int(),
      event_loop_delay_ms: z.number(),
      redis_latency_ms: z.number(),
      draining: z.boolean().optional().describe('It has been told to end; left out: no.'),
    }),
  ),
});

export const componentStatusSchema = z.enum(['operational', 'degraded', 'down']);

export const systemStatusSchema = z.object({
  status: z.enum(['Healthy', 'Degraded', 'Down']),
  message: z.string().nullable(),
  capacity: z.object({
    level: z.enum(CAPACITY_LEVELS).nullable(),
    active_users: z.int().nullable(),
    max_users: z.int().nullable(),
    active_workflows: z.int().nullable(),
    max_workflows: z.int().nullable(),
  }),
  queue: z.object({ length: z.int().nullable(), estimated_wait_seconds: z.number().nullable() }),
  features: z.object({ disabled: z.array(z.enum(COMFORTS)) }),
  providers: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['primary', 'backup']),
      status: componentStatusSchema,
      active: z.boolean(),
      since: isoTime.nullable().describe('Since when it is in this status; null: not known.'),
    }),
  ),
  components: z.array(z.object({ name: z.string(), status: componentStatusSchema })),
  incidents: z.array(incidentSchema).describe('Known issues: open incidents, newest first.'),
  maintenance: z.array(incidentSchema).describe('Planned or under way, the next one first.'),
  estimated_resolution_at: isoTime
    .nullable()
    .describe('When the last of the known issues is expected to be over; null: not known, or there are none.'),
  estimate_confidence: z.enum(CONFIDENCES).nullable().describe('Of the least certain of them.'),
  at: isoTime,
});

/** States of the breaker in front of a model provider. */
export const BREAKER_STATES = ['closed', 'half_open', 'open'] as const;

export const providersAnswerSchema = z.object({
  active: z.string().nullable().describe('The one that is asked first now; null: none can be asked.'),
  active_since: isoTime.nullable(),
  forced: z.string().nullable().describe('The one an administrator wants to be asked first.'),
  providers: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['primary', 'backup']),
      endpoint: z.string().describe('Host of the base URL.'),
      model: z.string(),
      large_model: z.string().nullable(),
      active: z.boolean(),
      state: z.enum(BREAKER_STATES),
      since: isoTime.nullable(),
      reason: z.string().nullable().describe('Why it is not closed: a class of failure, see docs/providers.md.'),
      next_probe_at: isoTime.nullable(),
      recent_failures: z
        .array(
          z.object({
            at: isoTime,
            kind: z.string(),
            status: z.int().nullable().describe('HTTP status, if there was an answer.'),
            replica: z.string(),
          }),
        )
        .describe('Newest first, at most 20, of the last hour.'),
    }),
  ),
});

export const providersPatchSchema = z.strictObject({
  forced: z.string().nullable().describe('Name of the provider to be asked first; null: the primary again.'),
});

export const rootAnswerSchema = z.object({
  name: z.string(),
  version: z.string(),
  links: z.record(z.string(), z.string()),
});

export const healthAnswerSchema = z.object({
  status: z.literal('ok'),
  replica: z.string(),
  version: z.string(),
  uptime_seconds: z.number(),
});

export const readyAnswerSchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  replica: z.string(),
  draining: z.boolean(),
  parts: z.object({
    postgres: z.enum(['up', 'down']),
    redis: z
      .enum(['up', 'down', 'rebuilding'])
      .describe('Without Redis a replica is ready: starts are accepted and wait.'),
  }),
});

/** RFC 9457; shared/errors/problem.ts makes them. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('A sentence for people.'),
  code: z
    .enum(Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]])
    .describe('Stable; docs/errors.md lists them.'),
  correlation_id: z.string(),
  trace_id: z
    .string()
    .optional()
    .describe('W3C Trace Context: of the caller, or of this server while it records traces.'),
  instance: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retry_after_seconds: z.int().optional(),
});

export const ticketAnswerSchema = z.object({ ticket: z.string(), expires_in_seconds: z.int() });

export type CapacityAnswer = z.infer<typeof capacityAnswerSchema>;
export type SystemStatus = z.infer<typeof systemStatusSchema>;
export type ReadyAnswer = z.infer<typeof readyAnswerSchema>;
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;
export type ProvidersAnswer = z.infer<typeof providersAnswerSchema>;
