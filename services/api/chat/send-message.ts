import type { ChatMessages, PostedMessage } from '../../../db/repositories/chat-messages.ts';
import type { MessageRate } from '../../../redis/message-rate.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import type { MessageBody } from '../../../shared/protocol/http.ts';
import { spread } from '../../../shared/resilience/backoff.ts';
import type { Caller, ChatAccess } from './chat-access.ts';
import type { Delivery } from './delivery.ts';

export interface SendMessageDeps {
  access: Pick<ChatAccess, 'toRead'>;
  messages: Pick<ChatMessages, 'post'>;
  rate: Pick<MessageRate, 'take'>;
  delivery: Pick<Delivery, 'deliver'>;
  metrics: Pick<Metrics, 'chat'>;
}

/** Says something in the chat of a run. */
export class SendMessage {
  constructor(private readonly deps: SendMessageDeps) {}

  /**
   * Stored when it resolves, and on its way to all who take part. Throws WeirError `run_not_found` (strangers), `forbidden` (who may only
   * read), `too_many_messages`, `idempotency_key_reused` (another text under the same name), `storage_unavailable`.
   */
  async send(runId: string, caller: Caller, { client_message_id, text }: MessageBody): Promise<PostedMessage> {
    const { messages, delivery, metrics } = this.deps;
    try {
      await this.checkRate(caller.userId);
      const post = { runId, sender: caller.userId, clientId: client_message_id, body: text };
      const message = await messages.post(post);
      if (message === null) throw await this.refusal(runId, caller);
      if (!message.fresh && message.body !== text.replaceAll('\u0000', '\ufffd')) {
        throw new WeirError('idempotency_key_reused', {
          detail: 'You have sent another message under this client_message_id. Use a new one for a new message.',
        });
      }
      metrics.chat.messages.inc({ outcome: message.fresh ? 'stored' : 'repeated' });
      const { deliveredSeq, seq, people } = message;
      // Without Redis nobody waits: it is stored, and delivered when Redis is back.
      if (deliveredSeq < seq) void delivery.deliver({ runId, deliveredSeq, lastSeq: seq, people }, message);
      return message;
    } catch (error) {
      if (error instanceof WeirError && error.status < 500) metrics.chat.messages.inc({ outcome: 'refused' });
      throw error;
    }
  }

  /** Without Redis there is no pace to keep: Postgres bears what comes through the door. */
  private async checkRate(userId: string): Promise<void> {
    const waitMs = await this.deps.rate.take(userId).catch(() => 0);
    if (waitMs > 0) throw new WeirError('too_many_messages', { retryAfterSeconds: spread(waitMs / 1_000, 0.2) });
  }

  private async refusal(runId: string, caller: Caller): Promise<WeirError> {
    await this.deps.access.toRead(runId, caller);
    return new WeirError('forbidden', { detail: 'Only those who take part in the conversation may write.' });
  }
}
