import type { ChatMessages } from '../../../../db/repositories/chat-messages.ts';
import type { ChatParticipants } from '../../../../db/repositories/chat-participants.ts';
import type { RunWord } from '../../../../redis/results.ts';
import type { RedisStore } from '../../../../redis/store.ts';
import type { ComfortOutcome } from '../../../../shared/observability/metrics/chat.ts';
import type { Metrics } from '../../../../shared/observability/metrics.ts';
import type { Comfort } from '../../../../shared/workflow/capacity-level.ts';
import type { FeatureWatch } from '../../features/feature-watch.ts';
import type { ClientFrameHandlers } from '../client-frames.ts';
import type { Connection } from '../connection.ts';
import type { LocalUser } from '../local-user.ts';
import { ownFrame } from '../wire-frame.ts';
import { AwayMarks } from './away-marks.ts';
import { ChatDoor } from './chat-door.ts';
import { PresenceBoard } from './presence-board.ts';
import { ReadMarks } from './read-marks.ts';
import type { Room } from './room.ts';
import { Rooms } from './rooms.ts';
import { TYPING_LIFE_MS, TypingSignals } from './typing-signals.ts';

/** Between two questions for presence (ms): so much later somebody is seen to come or go. */
const PRESENCE_INTERVAL_MS = 2_000;
/** Between two writings of read and away marks (ms). */
const MARKS_INTERVAL_MS = 1_000;

export interface ChatComfortsDeps {
  replica: string;
  redis: Pick<RedisStore, 'comforts' | 'channels'>;
  features: Pick<FeatureWatch, 'isOn'>;
  participants: Pick<ChatParticipants, 'list' | 'markRead'>;
  messages: Pick<ChatMessages, 'lastSeq'>;
  users: ReadonlyMap<string, LocalUser>;
  metrics: Pick<Metrics, 'chat'>;
}

type Handlers = Pick<ClientFrameHandlers, 'CHAT_OPEN' | 'CHAT_CLOSE' | 'TYPING' | 'READ' | 'PRESENCE'>;

/** Typing, presence and read receipts between sockets that look at the same chat. What is switched off is dropped here, before anything else. */
export class ChatComforts {
  private readonly rooms: Rooms;
  private readonly door: ChatDoor;
  private readonly typing: TypingSignals;
  private readonly reads: ReadMarks;
  private readonly board: PresenceBoard;
  private readonly away: AwayMarks;
  private marksAt = 0;
  private presenceAt = 0;
  private presenceWasOn: boolean;

  constructor(private readonly deps: ChatComfortsDeps) {
    const { replica, redis, features, participants, users } = deps;
    const { comforts, channels } = redis;
    this.presenceWasOn = features.isOn('presence');
    this.rooms = new Rooms({ channels, onWord: (room, word) => this.pass(room, word) });
    this.board = new PresenceBoard({ comforts, rooms: this.rooms, isOn: () => features.isOn('presence') });
    this.door = new ChatDoor({ ...deps, rooms: this.rooms, board: this.board });
    this.away = new AwayMarks({ replica, comforts, users });
    const tell = (runId: string, word: RunWord): void => void comforts.tell(runId, word).catch(() => {});
    this.typing = new TypingSignals((runId, userId, typing) => tell(runId, { kind: 'typing', userId, typing }));
    this.reads = new ReadMarks({
      participants,
      onStored: ({ runId, userId, seq }) => tell(runId, { kind: 'read', userId, seq }),
    });
  }

  readonly handlers: Handlers = {
    CHAT_OPEN: (connection, { data }) => void this.door.open(connection, data.run_id),
    CHAT_CLOSE: (connection, { data }) => this.rooms.leave(connection, data.run_id),
    TYPING: (connection, { data }) =>
      this.take('typing', connection, data.run_id, (userId) =>
        this.typing.accept(data.run_id, userId, data.typing, performance.now()),
      ),
    READ: (connection, { data }) =>
      this.take('read_receipts', connection, data.run_id, (userId) =>
        this.reads.accept({ runId: data.run_id, userId, seq: data.seq }),
      ),
    PRESENCE: (connection, { data }) => {
      if (!this.deps.features.isOn('presence')) return this.count('presence', 'off');
      const away = data.status === 'away';
      this.count('presence', away === connection.away ? 'coalesced' : 'taken');
      connection.away = away;
      this.away.touch(connection.peer.userId, away);
    },
  };

  /** A socket is there, which is not away. */
  onSocket({ peer }: Connection): void {
    this.away.touch(peer.userId, false);
  }

  /** `left`: the user's other sockets here decide whether they are away. */
  onGone(connection: Connection): void {
    this.rooms.gone(connection);
    this.away.touch(connection.peer.userId, true);
  }

  onFrame(user: LocalUser, frame: Parameters<Rooms['onFrame']>[1]): void {
    this.rooms.onFrame(user, frame);
  }

  /** Some comfort was switched. What waits of one that is off is forgotten; presence that is back is right at once. */
  onFeatures(): void {
    const { features } = this.deps;
    if (!features.isOn('typing')) this.typing.clear();
    if (!features.isOn('read_receipts')) this.reads.clear();
    const on = features.isOn('presence');
    if (!on) this.board.clear();
    else if (!this.presenceWasOn) void this.showPresence();
    this.presenceWasOn = on;
  }

  /** Redis was away, and whoever came or went meanwhile was not heard of. */
  async onResubscribed(): Promise<void> {
    this.away.forget();
    await this.door.readPeople();
    await this.showPresence();
  }

  /** The clock, called about once a second. */
  sweep(): void {
    const now = performance.now();
    const { features } = this.deps;
    this.door.sweep();
    if (features.isOn('typing')) this.typing.sweep(now);
    if (now - this.marksAt >= MARKS_INTERVAL_MS) {
      this.marksAt = now;
      void this.reads.flush();
      if (features.isOn('presence')) this.away.sync(now).catch(() => {});
    }
    if (now - this.presenceAt >= PRESENCE_INTERVAL_MS) {
      this.presenceAt = now;
      void this.board.look();
    }
  }

  private async showPresence(): Promise<void> {
    this.away.forget();
    await this.away.sync(performance.now()).catch(() => {});
    await this.board.look();
  }

  private take(comfort: Comfort, connection: Connection, runId: string, accept: (userId: string) => boolean): void {
    this.count(comfort, this.outcome(comfort, connection, runId, accept));
  }

  private outcome(
    comfort: Comfort,
    connection: Connection,
    runId: string,
    accept: (userId: string) => boolean,
  ): ComfortOutcome {
    if (!this.deps.features.isOn(comfort)) return 'off';
    if (this.rooms.seenBy(connection, runId) === undefined) return 'not_open';
    return accept(connection.peer.userId) ? 'taken' : 'coalesced';
  }

  private count(comfort: Comfort, outcome: ComfortOutcome): void {
    this.deps.metrics.chat.comforts.inc({ comfort, outcome });
  }

  /** A word of any replica goes to the sockets here; from one that has not switched off yet it goes nowhere. */
  private pass(room: Room, word: RunWord): void {
    const { features } = this.deps;
    const about = { run_id: room.runId, user_id: word.userId };
    if (word.kind === 'typing' && features.isOn('typing')) {
      const data = { ...about, typing: word.typing, expires_in_seconds: TYPING_LIFE_MS / 1_000 };
      this.rooms.tell(room, ownFrame('CHAT_TYPING', data), word.userId);
    }
    if (word.kind === 'read' && features.isOn('read_receipts'))
      this.rooms.tell(room, ownFrame('CHAT_READ', { ...about, seq: word.seq }));
  }
}
