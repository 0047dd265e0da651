import type { MessageRow } from '../../../db/repositories/chat-messages.ts';
import type { MessageAnswer } from '../../../shared/protocol/http.ts';

/** A message as the API and the streams show it. */
export function messageAnswer(message: MessageRow): MessageAnswer {
  return {
    run_id: message.runId,
    seq: message.seq,
    sender: message.sender,
    client_message_id: message.clientId,
    text: message.body,
    sent_at: message.sentAt.toISOString(),
  };
}
