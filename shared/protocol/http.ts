import { z } from 'zod';
import { stepSchema } from '../workflow/definition.ts';
import { PRIORITIES } from '../workflow/priority.ts';
import { RUN_STATUSES } from '../workflow/run-state.ts';

export * from './components.ts';
export * from './http-chat.ts';
export * from './http-history.ts';
export * from './http-incidents.ts';
export * from './http-service.ts';

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
  usage: z
    .unknown()
    .nullable()
    .describe(
      'Of a model: `provider`, `model`, `input_tokens`, `output_tokens`, and `cost_usd` if its price is known.',
    ),
});

/** What the steps of a run used in sum. */
export const runUsageSchema = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number().nullable().describe('At the configured prices; null: none is known.'),
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
  usage: runUsageSchema.nullable().optional().describe('Sum over `steps`, with them; null: no model was asked.'),
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

export type TriggerBody = z.infer<typeof triggerBodySchema>;
export type TriggerAnswer = z.infer<typeof triggerAnswerSchema>;
export type QueuePlace = z.infer<typeof queuePlaceSchema>;
export type WorkflowAnswer = z.infer<typeof workflowAnswerSchema>;
export type RunAnswer = z.infer<typeof runAnswerSchema>;
export type RunPage = z.infer<typeof runPageSchema>;
export type QueueAnswer = z.infer<typeof queueAnswerSchema>;
export type WorkflowPage = z.infer<typeof workflowPageSchema>;
export type QueueEntry = z.infer<typeof queueEntrySchema>;
