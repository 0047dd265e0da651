import type { UserEvent } from '../../redis/event-streams.ts';
import type { RedisStore } from '../../redis/store.ts';
import type { EventFrame } from '../../shared/protocol/events.ts';
import type { TestSocket } from './test-socket.ts';
import { upTo } from './up-to.ts';

/** The n-th of a series of stored events. */
export function numberedEvent(userId: string, n: number): UserEvent {
  const data = { message: `number ${n}`, run_id: String(n), workflow_id: 'w', workflow_name: 'series' };
  return { userId, type: 'WORKFLOW_CANCELLED', data };
}

/** The numbers of {@link numberedEvent} in frames. */
export function numbers(frames: readonly EventFrame[]): number[] {
  return frames.flatMap((frame) => (frame.type === 'WORKFLOW_CANCELLED' ? [Number(frame.data.run_id)] : []));
}

/** Publishes the events `from` to `to` of a user's series, in order. */
export async function publishNumbers(store: RedisStore, userId: string, from: number, to: number): Promise<void> {
  await store.events.publish(upTo(to - from + 1).map((n) => numberedEvent(userId, from + n - 1)));
}

export function hasNumber(socket: TestSocket, n: number): Promise<void> {
  return socket.has((frames) => numbers(frames).includes(n), `event ${n}`);
}
