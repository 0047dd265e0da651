import type { Comforts } from '../../../../redis/comforts.ts';
import type { PresenceStatus } from '../../../../redis/results.ts';
import { ownFrame } from '../wire-frame.ts';
import type { Room } from './room.ts';
import type { Rooms } from './rooms.ts';

export interface PresenceBoardDeps {
  comforts: Pick<Comforts, 'presence'>;
  rooms: Pick<Rooms, 'all' | 'tell'>;
  isOn(): boolean;
}

/**
 * Who is here of the people of the chats that are looked at. It asks instead of being told: one script for all chats of the replica, whatever
 * happened meanwhile, so nothing that was missed (a replica died, Redis was away) stays wrong.
 */
export class PresenceBoard {
  constructor(private readonly deps: PresenceBoardDeps) {}

  /** Asks for these rooms (left out: all) and tells their lookers what has changed. Never rejects: without Redis all stays as it was told. */
  async look(rooms: Iterable<Room> = this.deps.rooms.all.values()): Promise<void> {
    if (!this.deps.isOn()) return;
    const asked = [...rooms];
    const people = [...new Set(asked.flatMap((room) => [...room.people]))];
    if (people.length === 0) return;
    const statuses = await this.deps.comforts.presence(people).catch(() => null);
    // It may have been switched off meanwhile.
    if (statuses === null || !this.deps.isOn()) return;
    for (const room of asked) this.tellChanges(room, statuses);
  }

  /** What was told is not true any more; whoever looks when it is on again is told all of it. */
  clear(): void {
    for (const room of this.deps.rooms.all.values()) room.statuses.clear();
  }

  private tellChanges(room: Room, statuses: ReadonlyMap<string, PresenceStatus>): void {
    const changes: Array<{ user_id: string; status: PresenceStatus }> = [];
    for (const userId of room.people) {
      const status = statuses.get(userId);
      if (status === undefined || room.statuses.get(userId) === status) continue;
      room.statuses.set(userId, status);
      changes.push({ user_id: userId, status });
    }
    if (changes.length > 0)
      this.deps.rooms.tell(room, ownFrame('CHAT_PRESENCE', { run_id: room.runId, people: changes }));
  }
}
