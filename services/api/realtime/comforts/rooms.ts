import type { Channels } from '../../../../redis/channels.ts';
import type { RunWord } from '../../../../redis/results.ts';
import type { EventFrame } from '../../../../shared/protocol/events.ts';
import type { Connection } from '../connection.ts';
import type { LocalUser } from '../local-user.ts';
import type { WireFrame } from '../wire-frame.ts';
import { type Room, room } from './room.ts';

/** Chats a socket may look at; a person reads one, with some more in the background. */
export const MAX_OPEN_CHATS = 20;

export interface RoomsDeps {
  channels: Pick<Channels, 'subscribeRun' | 'unsubscribeRun'>;
  onWord(room: Room, word: RunWord): void;
}

/** What happened to a chat while a socket was being let in. */
interface Entry {
  readonly joined: Set<string>;
  readonly left: Set<string>;
}

/** Which sockets here look at which chats. A run's channel is subscribed while somebody does. */
export class Rooms {
  private readonly byRun = new Map<string, Room>();
  private readonly bySocket = new Map<Connection, Set<string>>();
  private readonly entering = new Map<Connection, Map<string, Entry>>();

  constructor(private readonly deps: RoomsDeps) {}

  get all(): ReadonlyMap<string, Room> {
    return this.byRun;
  }

  /** The room, if this socket looks at it. */
  seenBy(connection: Connection, runId: string): Room | undefined {
    return this.bySocket.get(connection)?.has(runId) ? this.byRun.get(runId) : undefined;
  }

  /** A socket wants to look; whether it may is being found out. `busy`: it is already; `full`: it looks at as many chats as it may. */
  knock(connection: Connection, runId: string): 'welcome' | 'busy' | 'full' {
    const entering = this.entering.get(connection) ?? new Map<string, Entry>();
    if (entering.has(runId)) return 'busy';
    const open = this.bySocket.get(connection);
    if (!open?.has(runId) && (open?.size ?? 0) + entering.size >= MAX_OPEN_CHATS) return 'full';
    this.entering.set(connection, entering.set(runId, { joined: new Set(), left: new Set() }));
    return 'welcome';
  }

  /** It may not, or could not be asked. */
  turnAway(connection: Connection, runId: string): void {
    const entering = this.entering.get(connection);
    entering?.delete(runId);
    if (entering?.size === 0) this.entering.delete(connection);
  }

  /** It may; `people` take part, as read since it knocked. null: it has left meanwhile, or was removed from the chat. */
  enter(connection: Connection, runId: string, people: readonly string[]): Room | null {
    const entry = this.entering.get(connection)?.get(runId);
    if (entry === undefined) return null;
    this.turnAway(connection, runId);
    this.bySocket.set(connection, (this.bySocket.get(connection) ?? new Set()).add(runId));
    let entered = this.byRun.get(runId);
    if (entered === undefined) {
      entered = room(runId);
      this.byRun.set(runId, entered);
      const listening = entered;
      // Until it holds (Redis is away) comforts of others are missed, and nothing else.
      this.deps.channels.subscribeRun(runId, (word) => this.deps.onWord(listening, word)).catch(() => {});
    }
    entered.people = new Set([...people, ...entry.joined].filter((userId) => !entry.left.has(userId)));
    entered.lookers.add(connection);
    return entered;
  }

  leave(connection: Connection, runId: string): void {
    this.turnAway(connection, runId);
    const open = this.bySocket.get(connection);
    if (!open?.delete(runId)) return;
    if (open.size === 0) this.bySocket.delete(connection);
    const left = this.byRun.get(runId);
    left?.lookers.delete(connection);
    if (left?.lookers.size !== 0) return;
    this.byRun.delete(runId);
    void this.deps.channels.unsubscribeRun(runId);
  }

  gone(connection: Connection): void {
    this.entering.delete(connection);
    for (const runId of [...(this.bySocket.get(connection) ?? [])]) this.leave(connection, runId);
  }

  /** Sees the frames of a local user's stream: who comes and goes changes the rooms, and who has to go looks no longer. */
  onFrame(user: LocalUser, frame: EventFrame): void {
    if (frame.type !== 'CHAT_JOINED' && frame.type !== 'CHAT_LEFT') return;
    const { run_id, user_id } = frame.data;
    const joins = frame.type === 'CHAT_JOINED';
    const changed = this.byRun.get(run_id);
    if (joins) changed?.people.add(user_id);
    else changed?.people.delete(user_id);
    if (!joins) changed?.statuses.delete(user_id);
    for (const connection of user.connections) {
      const entry = this.entering.get(connection)?.get(run_id);
      entry?.[joins ? 'joined' : 'left'].add(user_id);
      entry?.[joins ? 'left' : 'joined'].delete(user_id);
      if (!joins && user_id === user.id) this.leave(connection, run_id);
    }
  }

  /** Sends a frame to all who look at the room, but for one person's sockets. */
  tell({ lookers }: Room, frame: WireFrame, except?: string): void {
    for (const connection of lookers) if (connection.peer.userId !== except) connection.send(frame);
  }
}
