import type { ChatMessages } from '../../../../db/repositories/chat-messages.ts';
import type { ChatParticipants } from '../../../../db/repositories/chat-participants.ts';
import {
  chatPageSchema,
  messageAnswerSchema,
  messageBodySchema,
  messagePageSchema,
  messagesQuerySchema,
  pageQuerySchema,
} from '../../../../shared/protocol/http.ts';
import type { ChatAccess } from '../../chat/chat-access.ts';
import { messageAnswer } from '../../chat/message-answer.ts';
import type { SendMessage } from '../../chat/send-message.ts';
import { idParams } from '../id-params.ts';
import { readPage } from '../page.ts';
import { defineRoute, type Route } from '../route.ts';

export interface ChatRoutesDeps {
  access: Pick<ChatAccess, 'toRead'>;
  sendMessage: Pick<SendMessage, 'send'>;
  messages: Pick<ChatMessages, 'page' | 'after' | 'lastSeq'>;
  participants: Pick<ChatParticipants, 'chatsOf'>;
}

const TAG = 'Chat';

/** Messages beside a run, for those who take part; an admin may read. */
export function chatRoutes({ access, sendMessage, messages, participants }: ChatRoutesDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/api/v1/runs/:id/messages',
      tag: TAG,
      summary: 'Say something',
      description:
        'Stored when this is answered, and then delivered to everybody who takes part as `CHAT_MESSAGE`. Sent again under the same `client_message_id` it is the same message.',
      access: 'user',
      input: { params: idParams, body: messageBodySchema },
      answer: { status: 201, description: 'Stored.', schema: messageAnswerSchema },
      otherAnswers: [{ status: 200, description: 'It was stored before.', schema: messageAnswerSchema }],
      errors: ['run_not_found', 'forbidden', 'too_many_messages', 'idempotency_key_reused', 'storage_unavailable'],
      async handle({ params, body, caller }) {
        const message = await sendMessage.send(params.id, caller, body);
        return { status: message.fresh ? 201 : 200, body: messageAnswer(message) };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/runs/:id/messages',
      tag: TAG,
      summary: 'Read messages',
      description: 'Newest first; with `after` the messages after that one, oldest first, to fill a hole.',
      access: 'user',
      input: { params: idParams, query: messagesQuerySchema },
      answer: { status: 200, description: 'One page.', schema: messagePageSchema },
      errors: ['run_not_found', 'invalid_cursor', 'storage_unavailable'],
      async handle({ params: { id }, query, caller }) {
        await access.toRead(id, caller);
        const lastSeq = await messages.lastSeq(id);
        const { rows, nextCursor } =
          query.after === undefined
            ? await readPage(query, (page) => messages.page(id, page))
            : { rows: await messages.after(id, query.after, query.limit), nextCursor: null };
        // A message may have come in between.
        const newest = Math.max(lastSeq, ...rows.map(({ seq }) => seq));
        return { body: { items: rows.map(messageAnswer), next_cursor: nextCursor, last_seq: newest } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/chats',
      tag: TAG,
      summary: 'List the chats you take part in, the latest joined first',
      description: 'A chat begins with its first message or invitation.',
      access: 'user',
      input: { query: pageQuerySchema },
      answer: { status: 200, description: 'One page.', schema: chatPageSchema },
      errors: ['invalid_cursor', 'storage_unavailable'],
      async handle({ query, caller }) {
        const { rows, nextCursor } = await readPage(query, (page) => participants.chatsOf(caller.userId, page));
        const items = rows.map((chat) => ({
          run_id: chat.runId,
          workflow_id: chat.workflowId,
          workflow_name: chat.workflowName,
          status: chat.status,
          owner: chat.owner,
          people: chat.people,
          last_seq: chat.lastSeq,
          read_seq: chat.readSeq,
          joined_at: chat.joinedAt.toISOString(),
        }));
        return { body: { items, next_cursor: nextCursor } };
      },
    }),
  ];
}
