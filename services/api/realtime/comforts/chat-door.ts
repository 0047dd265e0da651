import type { ChatMessages } from '../../../../db/repositories/chat-messages.ts';
import type { ChatParticipants, ParticipantRow } from '../../../../db/repositories/chat-participants.ts';
import { WeirError } from '../../../../shared/errors/weir-error.ts';
import type { FeatureWatch } from '../../features/feature-watch.ts';
import type { Connection } from '../connection.ts';
import { ownFrame } from '../wire-frame.ts';
import type { PresenceBoard } from './presence-board.ts';
import { refuse } from './refuse.ts';
import type { Room } from './room.ts';
import { MAX_OPEN_CHATS, type Rooms } from './rooms.ts';

/** Chats one socket may open between two sweeps (a second): each costs two short reads of Postgres. */
const OPENINGS_PER_SWEEP = 10;
const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface ChatDoorDeps {
  rooms: Rooms;
  board: Pick<PresenceBoard, 'look'>;
  features: Pick<FeatureWatch, 'isOn'>;
  participants: Pick<ChatParticipants, 'list'>;
  messages: Pick<ChatMessages, 'lastSeq'>;
}

/** Lets sockets look at chats whose participants they belong to, and tells them how things stand there. */
export class ChatDoor {
  private openings = new Map<Connection, number>();

  constructor(private readonly deps: ChatDoorDeps) {}

  /** Answered with CHAT_STATE or CHAT_REFUSED; a repeat while one is under way is one with it. Never rejects. */
  async open(connection: Connection, runId: string): Promise<void> {
    const { rooms, participants, messages, board } = this.deps;
    try {
      if (!RUN_ID.test(runId)) throw new WeirError('run_not_found');
      this.checkRate(connection);
      const answer = rooms.knock(connection, runId);
      if (answer === 'busy') return;
      if (answer === 'full')
        throw tooMany(`A connection can look at ${MAX_OPEN_CHATS} conversations. Close one first.`);
      const [people, lastSeq] = await Promise.all([participants.list(runId), messages.lastSeq(runId)]);
      if (!people.some(({ userId }) => userId === connection.peer.userId))
        throw stranger(connection, people.length > 0);
      const ids = people.map(({ userId }) => userId);
      const room = rooms.enter(connection, runId, ids);
      if (room === null) return;
      await board.look([room]);
      if (rooms.seenBy(connection, runId) === room) this.tellState(connection, room, people, lastSeq);
    } catch (thrown) {
      rooms.turnAway(connection, runId);
      const error = thrown instanceof WeirError ? thrown : new WeirError('internal', { cause: thrown });
      refuse(connection, runId, error, null);
    }
  }

  /** Reads anew who takes part in the chats that are looked at; whoever does not any more looks no longer. */
  async readPeople(): Promise<void> {
    const { rooms, participants } = this.deps;
    for (const room of [...rooms.all.values()]) {
      const people = await participants.list(room.runId).catch(() => null);
      if (people === null) return;
      room.people = new Set(people.map(({ userId }) => userId));
      for (const connection of [...room.lookers])
        if (!room.people.has(connection.peer.userId)) rooms.leave(connection, room.runId);
    }
  }

  sweep(): void {
    if (this.openings.size > 0) this.openings = new Map();
  }

  private tellState(connection: Connection, room: Room, people: readonly ParticipantRow[], lastSeq: number): void {
    const read = this.deps.features.isOn('read_receipts');
    connection.send(
      ownFrame('CHAT_STATE', {
        run_id: room.runId,
        last_seq: lastSeq,
        people: people.map(({ userId, readSeq }, index) => ({
          user_id: userId,
          owner: index === 0,
          status: room.statuses.get(userId) ?? null,
          read_seq: read ? readSeq : null,
        })),
      }),
    );
  }

  private checkRate(connection: Connection): void {
    const count = (this.openings.get(connection) ?? 0) + 1;
    this.openings.set(connection, count);
    if (count > OPENINGS_PER_SWEEP) throw tooMany('Conversations are opened too fast. Please wait a moment.');
  }
}

function tooMany(detail: string): WeirError {
  return new WeirError('too_many_messages', { detail, retryAfterSeconds: 1 });
}

/** To admins, who may read it, the run is there. */
function stranger({ peer }: Connection, exists: boolean): WeirError {
  if (peer.role !== 'admin' || !exists) return new WeirError('run_not_found');
  return new WeirError('forbidden', { detail: 'Only those who take part in the conversation may look at it live.' });
}
