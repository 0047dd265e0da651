import { WeirError } from '../../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../../shared/observability/logger.ts';
import type { ClientFrame } from '../../../../shared/protocol/events.ts';
import { messageBodySchema } from '../../../../shared/protocol/http.ts';
import type { SendMessage } from '../../chat/send-message.ts';
import type { Connection } from '../connection.ts';
import { ownFrame } from '../wire-frame.ts';
import { refuse } from './refuse.ts';

/** Messages of one socket that are not answered yet; more are refused. */
const MAX_WAITING = 20;
const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Send = Extract<ClientFrame, { type: 'CHAT_SEND' }>['data'];

/** Messages sent by socket: one after the other per socket, so that they are stored in the order in which they were sent. */
export class ChatSender {
  private readonly waiting = new WeakMap<Connection, { count: number; last: Promise<void> }>();

  constructor(private readonly deps: { sendMessage: Pick<SendMessage, 'send'>; log: Logger }) {}

  send(connection: Connection, data: Send): void {
    const line = this.waiting.get(connection) ?? { count: 0, last: Promise.resolve() };
    this.waiting.set(connection, line);
    if (line.count >= MAX_WAITING) {
      const error = new WeirError('too_many_messages', { retryAfterSeconds: 1 });
      refuse(connection, data.run_id, error, data.client_message_id);
      return;
    }
    line.count += 1;
    line.last = line.last.then(async () => {
      await this.sendOne(connection, data);
      line.count -= 1;
    });
  }

  /** Never rejects. */
  private async sendOne(connection: Connection, { run_id, ...rest }: Send): Promise<void> {
    try {
      const body = messageBodySchema.safeParse(rest);
      if (!body.success) {
        const errors = body.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
        throw new WeirError('validation_failed', { errors, detail: errors[0]?.message ?? '' });
      }
      if (!RUN_ID.test(run_id)) throw new WeirError('run_not_found');
      const { userId, role } = connection.peer;
      const { seq, sentAt } = await this.deps.sendMessage.send(run_id, { userId, role }, body.data);
      const { client_message_id } = body.data;
      connection.send(ownFrame('CHAT_ACCEPTED', { run_id, client_message_id, seq, sent_at: sentAt.toISOString() }));
    } catch (thrown) {
      const error = thrown instanceof WeirError ? thrown : new WeirError('internal', { cause: thrown });
      if (error.code === 'internal') this.deps.log.error('message not stored', { run_id, error: thrown });
      refuse(connection, run_id, error, rest.client_message_id);
    }
  }
}
