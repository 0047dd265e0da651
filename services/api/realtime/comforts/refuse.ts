import type { WeirError } from '../../../../shared/errors/weir-error.ts';
import type { Connection } from '../connection.ts';
import { ownFrame } from '../wire-frame.ts';

/** Says no to a frame about a chat, as a problem document would. */
export function refuse(connection: Connection, runId: string, error: WeirError, clientMessageId: string | null): void {
  connection.send(
    ownFrame('CHAT_REFUSED', {
      message: error.detail,
      run_id: runId,
      client_message_id: clientMessageId,
      code: error.code,
      retry_after_seconds: error.retryAfterSeconds ?? null,
    }),
  );
}
