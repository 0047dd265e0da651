import { z } from 'zod';
import { CAPACITY_LEVELS, COMFORT_CAUSES, COMFORTS } from '../workflow/capacity-level.ts';
import { RUN_STATUSES } from '../workflow/run-state.ts';
import { MAX_MESSAGE_LENGTH } from './chat-limits.ts';

export * from './chat-limits.ts';

/** Bodies and answers of the HTTP API about chats and about the features that come and go with them. Part of ./http.ts. */
const isoTime = z.iso.datetime();
const cursor = z.string().max(200);
const limit = z.coerce.number().int().min(1).max(100).default(20);

/** As the subject of a token may be. */
const userId = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,200}$/u, 'Use 1 to 200 characters without control characters.');

export const messageBodySchema = z.strictObject({
  client_message_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'Use 1 to 100 visible ASCII characters.')
    .describe("The sender's own name of the message: sent again under the same name it is the same message."),
  text: z.string().max(MAX_MESSAGE_LENGTH).regex(/\S/, 'Say something.'),
});

export const messageAnswerSchema = z.object({
  run_id: z.uuid(),
  seq: z.int().describe('1, 2, 3 … within the run, without holes.'),
  sender: z.string(),
  client_message_id: z.string(),
  text: z.string(),
  sent_at: isoTime,
});

export const messagesQuerySchema = z
  .strictObject({
    limit: limit.default(50),
    cursor: cursor.optional(),
    after: z.coerce.number().int().min(0).optional().describe('Only messages after this `seq`, oldest first.'),
  })
  .refine((query) => query.cursor === undefined || query.after === undefined, {
    path: ['after'],
    message: 'Send either `cursor` or `after`.',
  });

export const messagePageSchema = z.object({
  items: z.array(messageAnswerSchema),
  next_cursor: z
    .string()
    .nullable()
    .describe('Older messages; null with `after`, where the next page is after the last item.'),
  last_seq: z.int().describe('`seq` of the newest message of the chat; 0: none.'),
});

export const participantSchema = z.object({
  user_id: z.string(),
  owner: z.boolean(),
  invited_by: z.string().nullable(),
  joined_at: isoTime.nullable().describe('null: the owner of a run whose chat has not begun.'),
  read_seq: z.int().describe('Has read up to this message.'),
});
export const participantsAnswerSchema = z.object({ items: z.array(participantSchema) });

export const participantBodySchema = z.strictObject({ user_id: userId });

export const chatPageSchema = z.object({
  items: z.array(
    z.object({
      run_id: z.uuid(),
      workflow_id: z.uuid(),
      workflow_name: z.string(),
      status: z.enum(RUN_STATUSES),
      owner: z.string(),
      people: z.int(),
      last_seq: z.int(),
      read_seq: z.int(),
      joined_at: isoTime,
    }),
  ),
  next_cursor: z.string().nullable(),
});

const force = z.enum(['on', 'off', 'auto']).optional();
export const featuresPatchSchema = z
  .strictObject({
    read_receipts: force,
    presence: force,
    typing: force,
    for_seconds: z
      .number()
      .min(1)
      .max(604_800)
      .optional()
      .describe('Released by itself after that; left out: when `auto` is sent.'),
    reason: z.string().max(500).optional().describe('For the record.'),
  })
  .refine((patch) => COMFORTS.some((comfort) => patch[comfort] !== undefined), 'Name at least one feature.');

export const featuresAnswerSchema = z.object({
  features: z
    .array(
      z.object({
        name: z.enum(COMFORTS),
        enabled: z.boolean(),
        forced: z
          .object({ state: z.enum(['on', 'off']), until: isoTime.nullable(), by: z.string() })
          .nullable()
          .describe('null: it follows the capacity level.'),
      }),
    )
    .describe('In the order in which they are switched off when the cluster is nearly full.'),
  since: isoTime.describe('Last change of any of them.'),
});

export const featureEventPageSchema = z.object({
  items: z.array(
    z.object({
      seq: z.int(),
      at: isoTime,
      feature: z.enum(COMFORTS),
      enabled: z.boolean().describe('From then on.'),
      forced: z.enum(['on', 'off']).nullable(),
      cause: z
        .enum(COMFORT_CAUSES)
        .describe('The capacity level; an administrator; the end that an administrator had set.'),
      by: z.string().describe('The administrator, or `system`.'),
      reason: z.string(),
      level: z.enum(CAPACITY_LEVELS),
    }),
  ),
  next_cursor: z.string().nullable(),
});

export type MessageBody = z.infer<typeof messageBodySchema>;
export type MessageAnswer = z.infer<typeof messageAnswerSchema>;
export type MessagePage = z.infer<typeof messagePageSchema>;
export type ParticipantsAnswer = z.infer<typeof participantsAnswerSchema>;
export type ChatPage = z.infer<typeof chatPageSchema>;
export type FeaturesPatch = z.infer<typeof featuresPatchSchema>;
export type FeaturesAnswer = z.infer<typeof featuresAnswerSchema>;
