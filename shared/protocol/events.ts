import { z } from 'zod';
import { CAPACITY_LEVELS, COMFORTS } from '../workflow/capacity-level.ts';
import { PRIORITIES } from '../workflow/priority.ts';
import { RUN_STATUSES } from '../workflow/run-state.ts';

/**
 * Frames from server to client: `{type, data, at, epoch?, offset?}`. A frame with `offset` is part of the user's stream:
 * stored, numbered without gaps within its `epoch`, replayed on resume. A frame without is live only. `SNAPSHOT` and
 * `RESUMED` are not in the stream: their `epoch` and `offset` say after which frame of it they stand.
 * `data.message` is the sentence for people. Page: docs/protocol.md.
 */
const run = { run_id: z.string(), workflow_id: z.string(), workflow_name: z.string() };
const message = z.string();
const isoTime = z.string();

const queuePlace = z.object({
  position: z.int().min(1).nullable(),
  estimated_wait_seconds: z.number().nullable(),
  expires_at: isoTime,
});

const capacity = z.object({
  level: z.enum(CAPACITY_LEVELS),
  active_users: z.int(),
  max_users: z.int(),
});

const snapshotRun = z.object({
  ...run,
  status: z.enum(RUN_STATUSES),
  priority: z.enum(PRIORITIES),
  current_step: z.int(),
  step_count: z.int(),
  accepted_at: isoTime,
  started_at: isoTime.nullable(),
  queue: queuePlace.nullable(),
});

const chat = z.object({
  run_id: z.string(),
  /** Number of the newest message; 0: none. */
  last_seq: z.int(),
  read_seq: z.int(),
});

/** Whether somebody is here; away: here, and all tabs say that nobody looks. */
export const PRESENCE_STATUSES = ['online', 'away', 'offline'] as const;
const presence = z.enum(PRESENCE_STATUSES);

export const EVENT_SCHEMAS = {
  /**
   * First frame of a fresh socket and of one that could not be resumed; also later, when the stream behind an open socket
   * was lost. Replaces what the client knew. Without `offset`: events are late, another one follows.
   */
  SNAPSHOT: z.object({
    recovered: z.literal(false),
    replica: z.string(),
    user_id: z.string(),
    runs: z.array(snapshotRun),
    capacity: capacity.nullable(),
    features: z.object({ disabled: z.array(z.enum(COMFORTS)) }),
    provider: z.object({ active: z.string().nullable() }),
    chats: z.array(chat).optional(),
  }),
  /** First frame of a resumed socket; the missed frames follow, `replayed` of them. */
  RESUMED: z.object({
    recovered: z.literal(true),
    replica: z.string(),
    replayed: z.int(),
    capacity: capacity.nullable(),
    features: z.object({ disabled: z.array(z.enum(COMFORTS)) }),
  }),
  CAPACITY_WARNING: z.object({ message, ...capacity.shape }),
  CAPACITY_CLEARED: z.object({ message, ...capacity.shape }),
  DEGRADED_MODE_ACTIVE: z.object({ message, disabled: z.array(z.enum(COMFORTS)) }),
  DEGRADED_MODE_CLEARED: z.object({ message, enabled: z.array(z.enum(COMFORTS)) }),
  WORKFLOW_QUEUED: z.object({ message, ...run, priority: z.enum(PRIORITIES), ...queuePlace.shape }),
  /** Live only, at most one a second per user: places of all the user's waiting runs that changed. */
  WORKFLOW_POSITION: z.object({ runs: z.array(z.object({ run_id: z.string(), ...queuePlace.shape })) }),
  WORKFLOW_STARTING: z.object({ message, ...run, attempt: z.int(), step_count: z.int() }),
  WORKFLOW_STEP: z.object({
    ...run,
    step: z.string(),
    index: z.int(),
    step_count: z.int(),
    status: z.enum(['started', 'succeeded', 'failed']),
    duration_ms: z.number().nullable(),
  }),
  /** Live only: pieces of model output as they come. `restart: true`: discard what this step sent before. */
  WORKFLOW_OUTPUT: z.object({ ...run, step: z.string(), text: z.string(), restart: z.boolean().optional() }),
  WORKFLOW_COMPLETED: z.object({ message, ...run, result: z.unknown() }),
  WORKFLOW_FAILED: z.object({ message, ...run, reason: z.string(), step: z.string().nullable() }),
  WORKFLOW_CANCELLED: z.object({ message, ...run }),
  WORKFLOW_QUEUE_TIMEOUT: z.object({ message, ...run, waited_seconds: z.number() }),
  PROVIDER_SWITCHED: z.object({ message, ...run, provider: z.string() }),
  PROVIDER_RESTORED: z.object({ message, provider: z.string() }),
  CHAT_MESSAGE: z.object({
    run_id: z.string(),
    seq: z.int().min(1),
    sender: z.string(),
    client_message_id: z.string(),
    text: z.string(),
    sent_at: isoTime,
  }),
  CHAT_JOINED: z.object({ message, ...run, user_id: z.string(), invited_by: z.string() }),
  /** `removed_by` null: has left. */
  CHAT_LEFT: z.object({ run_id: z.string(), user_id: z.string(), removed_by: z.string().nullable() }),
  /** Answer to CHAT_SEND: stored. */
  CHAT_ACCEPTED: z.object({ run_id: z.string(), client_message_id: z.string(), seq: z.int().min(1), sent_at: isoTime }),
  /** Answer to CHAT_SEND, or (client_message_id null) to CHAT_OPEN: no. `code` as in problem documents. */
  CHAT_REFUSED: z.object({
    message,
    run_id: z.string(),
    client_message_id: z.string().nullable(),
    code: z.string(),
    retry_after_seconds: z.number().nullable(),
  }),
  /** Answer to CHAT_OPEN. `status` and `read_seq` null: switched off, or not known now. */
  CHAT_STATE: z.object({
    run_id: z.string(),
    last_seq: z.int(),
    people: z.array(
      z.object({
        user_id: z.string(),
        owner: z.boolean(),
        status: presence.nullable(),
        read_seq: z.int().nullable(),
      }),
    ),
  }),
  /** Comforts, live only, to sockets that look at the chat. Forget `typing` when `expires_in_seconds` have passed without another one. */
  CHAT_TYPING: z.object({
    run_id: z.string(),
    user_id: z.string(),
    typing: z.boolean(),
    expires_in_seconds: z.number(),
  }),
  CHAT_PRESENCE: z.object({ run_id: z.string(), people: z.array(z.object({ user_id: z.string(), status: presence })) }),
  CHAT_READ: z.object({ run_id: z.string(), user_id: z.string(), seq: z.int() }),
  SERVER_DRAINING: z.object({ message, replica: z.string() }),
  /** Sent when nothing else was for 15 s; a client that hears nothing for 40 s reconnects. */
  HEARTBEAT: z.object({}),
  PONG: z.object({}),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventData<Type extends EventType> = z.infer<(typeof EVENT_SCHEMAS)[Type]>;

/** One frame from the server. */
export type EventFrame = {
  [Type in EventType]: {
    type: Type;
    data: EventData<Type>;
    at: string;
    /** W3C Trace Context of the run that the frame tells of; only while the server records traces. */
    traceparent?: string;
    epoch?: string;
    offset?: number;
  };
}[EventType];

/** A name that a client has been told; whether it means something is looked up, not parsed. */
const name = z.string().max(200);

/** Frames from client to server. What is inside is judged by the use case, which answers; a frame of another shape closes the socket. */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('PING'), data: z.object({}).optional() }),
  z.strictObject({ type: z.literal('CHAT_OPEN'), data: z.object({ run_id: name }) }),
  z.strictObject({ type: z.literal('CHAT_CLOSE'), data: z.object({ run_id: name }) }),
  z.strictObject({
    type: z.literal('CHAT_SEND'),
    data: z.object({ run_id: name, client_message_id: name, text: z.string() }),
  }),
  z.strictObject({ type: z.literal('TYPING'), data: z.object({ run_id: name, typing: z.boolean() }) }),
  z.strictObject({ type: z.literal('READ'), data: z.object({ run_id: name, seq: z.int().min(1).max(2_147_483_647) }) }),
  z.strictObject({ type: z.literal('PRESENCE'), data: z.object({ status: z.enum(['online', 'away']) }) }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** Largest frame a client may send (bytes). */
export const MAX_CLIENT_FRAME_BYTES = 65_536;
