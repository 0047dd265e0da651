import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../errors/catalogue.ts';
import { CAPACITY_LEVELS, COMFORTS } from '../workflow/capacity-level.ts';
import { stepSchema } from '../workflow/definition.ts';
import { PRIORITIES } from '../workflow/priority.ts';
import { RUN_STATUSES } from '../workflow/run-state.ts';

/** Bodies and answers of the HTTP API; the same schemas validate, type and generate the OpenAPI document. */
export const MAX_BODY_BYTES = 65_536;
/** Nesting of a payload at most; deeper JSON is refused before anything else walks it. */
export const MAX_PAYLOAD_DEPTH = 32;
export const API_VERSION = '1';

const isoTime = z.iso.datetime();
const cursor = z.string().max(200);
const limit = z.coerce.number().int().min(1).max(100).default(20);

/** Any JSON object. Its values came out of `JSON.parse` and passed the door's own walk (services/api/http/json-value.ts), so no second one here. */
export const payloadSchema = z.record(z.string(), z.unknown());

export const triggerBodySchema = z.strictObject({
  workflow_id: z.uuid(),
  payload: payloadSchema.optional(),
  priority: z.enum(PRIORITIES).optional(),
});

/** Visible ASCII, as an RFC 8941 string would carry it. */
export const idempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'Use 1 to 200 visible ASCII characters.');

export const queuePlaceSchema = z.object({
  position: z.int().nullable(),
  estimated_wait_seconds: z.number().nullable(),
  expires_at: isoTime,
});

export const triggerAnswerSchema = z.object({
  run_id: z.uuid(),
  status: z.enum(RUN_STATUSES),
  queue: queuePlaceSchema.nullable(),
  message: z.string().optional(),
});

export const workflowAnswerSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  steps: z.array(stepSchema),
  created_by: z.string(),
  created_at: isoTime,
});

export const runErrorSchema = z.object({ code: z.string(), reason: z.string(), step: z.string().nullable() });

export const runStepSchema = z.object({
  index: z.int(),
  name: z.string(),
  type: z.string(),
  output: z.unknown(),
  attempt: z.int(),
  started_at: isoTime,
  finished_at: isoTime,
  usage: z.unknown().nullable(),
});

export const runAnswerSchema = z.object({
  id: z.uuid(),
  workflow_id: z.uuid(),
  workflow_name: z.string(),
  user_id: z.string(),
  status: z.enum(RUN_STATUSES),
  priority: z.enum(PRIORITIES),
  payload: payloadSchema,
  attempt: z.int(),
  current_step: z.int(),
  step_count: z.int(),
  result: z.unknown().nullable(),
  error: runErrorSchema.nullable(),
  accepted_at: isoTime,
  expires_at: isoTime,
  started_at: isoTime.nullable(),
  finished_at: isoTime.nullable(),
  correlation_id: z.string(),
  queue: queuePlaceSchema.nullable(),
  steps: z.array(runStepSchema).optional(),
});

export const pageQuerySchema = z.strictObject({ limit, cursor: cursor.optional() });
export const runsQuerySchema = z.strictObject({
  limit,
  cursor: cursor.optional(),
  status: z.enum(RUN_STATUSES).optional(),
});

export const workflowPageSchema = z.object({
  items: z.array(workflowAnswerSchema),
  next_cursor: z.string().nullable(),
});
export const runPageSchema = z.object({ items: z.array(runAnswerSchema), next_cursor: z.string().nullable() });

export const queueEntrySchema = z.object({
  run_id: z.uuid(),
  workflow_id: z.uuid(),
  workflow_name: z.string(),
  user_id: z.string(),
  priority: z.enum(PRIORITIES),
  accepted_at: isoTime,
  ...queuePlaceSchema.shape,
});
export const queueAnswerSchema = z.object({
  length: z.int().nullable().describe('Waiting runs of everybody; null while the coordination store is away.'),
  items: z.array(queueEntrySchema),
  next_cursor: z.string().nullable(),
});

/** Places are read as a list of positions that moves under the reader, so the cursor is a position. */
export const queueQuerySchema = z.strictObject({ limit: limit.default(100), cursor: cursor.optional() });

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
    }),
  ),
  components: z.array(z.object({ name: z.string(), status: componentStatusSchema })),
  incidents: z.array(z.object({ id: z.string(), title: z.string(), estimated_resolution_at: isoTime.nullable() })),
  at: isoTime,
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
  instance: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  retry_after_seconds: z.int().optional(),
});

export const ticketAnswerSchema = z.object({ ticket: z.string(), expires_in_seconds: z.int() });

export type TriggerBody = z.infer<typeof triggerBodySchema>;
export type TriggerAnswer = z.infer<typeof triggerAnswerSchema>;
export type QueuePlace = z.infer<typeof queuePlaceSchema>;
export type WorkflowAnswer = z.infer<typeof workflowAnswerSchema>;
export type RunAnswer = z.infer<typeof runAnswerSchema>;
export type RunPage = z.infer<typeof runPageSchema>;
export type QueueAnswer = z.infer<typeof queueAnswerSchema>;
export type CapacityAnswer = z.infer<typeof capacityAnswerSchema>;
export type SystemStatus = z.infer<typeof systemStatusSchema>;
export type WorkflowPage = z.infer<typeof workflowPageSchema>;
export type QueueEntry = z.infer<typeof queueEntrySchema>;
export type ReadyAnswer = z.infer<typeof readyAnswerSchema>;
export type TicketAnswer = z.infer<typeof ticketAnswerSchema>;
