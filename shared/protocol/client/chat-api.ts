import type { ChatPage, MessageAnswer, MessageBody, MessagePage, ParticipantsAnswer } from '../http-chat.ts';
import type { ApiCaller, CallOptions, PageOptions } from './api-caller.ts';

/** Chats beside runs. What happens in them comes over the socket; here is what was before, and who takes part. Rejects as `ApiClient` does. */
export class ChatApi {
  constructor(private readonly api: ApiCaller) {}

  /** Every chat the user takes part in, newest first. */
  list(options: PageOptions = {}): Promise<ChatPage> {
    return this.api.get('/api/v1/chats', { limit: options.limit, cursor: options.cursor }, options);
  }

  /** The newest messages and, with `cursor`, older ones; with `after`, those that came after that `seq`, oldest first. */
  messages(runId: string, options: PageOptions & { after?: number } = {}): Promise<MessagePage> {
    const { limit, cursor, after } = options;
    return this.api.get(`${pathOf(runId)}/messages`, { limit, cursor, after }, options);
  }

  /** Safe to repeat: a message is known by its `client_message_id`. */
  send(runId: string, message: MessageBody, options?: CallOptions): Promise<MessageAnswer> {
    return this.api.call({ method: 'POST', path: `${pathOf(runId)}/messages`, body: message, safe: true }, options);
  }

  participants(runId: string, options?: CallOptions): Promise<ParticipantsAnswer> {
    return this.api.get(`${pathOf(runId)}/participants`, {}, options);
  }

  invite(runId: string, userId: string, options?: CallOptions): Promise<ParticipantsAnswer> {
    const path = `${pathOf(runId)}/participants`;
    return this.api.call({ method: 'POST', path, body: { user_id: userId }, safe: true }, options);
  }

  remove(runId: string, userId: string, options?: CallOptions): Promise<ParticipantsAnswer> {
    const path = `${pathOf(runId)}/participants/remove`;
    return this.api.call({ method: 'POST', path, body: { user_id: userId }, safe: false }, options);
  }

  async leave(runId: string, options?: CallOptions): Promise<void> {
    await this.api.call({ method: 'POST', path: `${pathOf(runId)}/participants/leave`, safe: false }, options);
  }
}

function pathOf(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}`;
}
