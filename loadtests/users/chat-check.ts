import type { EventFrame } from '../../shared/protocol/events.ts';
import { deferred } from './deferred.ts';

/** The one conversation of a user, as they are told of it: there when they come or joined later, then each message once, in one order. */
export class ChatCheck {
  private readonly begun = deferred<string>();
  /** Number up to which there were messages when they came. */
  private before = 0;
  /** Number of the last one that was told; null: none yet. */
  private heard: number | null = null;

  /** Resolves to the run beside which they talk. */
  get runId(): Promise<string> {
    return this.begun.promise;
  }

  /** What is wrong with it; null: as it must be. */
  arrive({ type, data }: EventFrame): string | null {
    if (type === 'CHAT_JOINED') this.begun.resolve(data.run_id);
    if (type === 'SNAPSHOT')
      for (const { run_id, last_seq } of data.chats ?? []) {
        this.before = last_seq;
        this.begun.resolve(run_id);
      }
    if (type !== 'CHAT_MESSAGE') return null;
    const { heard, before } = this;
    this.heard = data.seq;
    // The last ones of before may have been on their way.
    const isNext = heard === null ? data.seq <= before + 1 : data.seq === heard + 1;
    return isNext ? null : `message ${data.seq} after ${heard ?? before}`;
  }
}
