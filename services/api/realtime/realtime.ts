import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { LevelState } from '../../../redis/results.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import { levelRank } from '../../../shared/workflow/capacity-level.ts';
import { CORE_HANDLERS } from './client-frames.ts';
import { ChatComforts } from './comforts/chat-comforts.ts';
import { ChatSender } from './comforts/chat-sender.ts';
import { Connection, type ConnectionOwner, type Peer } from './connection.ts';
import { Fanout } from './fanout.ts';
import { FeatureTeller } from './feature-teller.ts';
import { Gateway } from './gateway.ts';
import type { Handshake } from './handshake.ts';
import { Hub } from './hub.ts';
import { LevelTeller } from './level-teller.ts';
import { LevelWatch } from './level-watch.ts';
import { Positions } from './positions.ts';
import { Presence } from './presence.ts';
import type { RealtimeDeps } from './realtime-deps.ts';
import { type Greeting, Recovery } from './recovery.ts';
import { Snapshots } from './snapshot.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';
import { StreamWatch } from './stream-watch.ts';

/** Live events of a replica: builds the parts and ties them together. `upgrade` is for the HTTP server's event of that name. */
export class Realtime implements Service {
  readonly name = 'realtime';
  private readonly presence: Presence;
  private readonly hub: Hub;
  private readonly gateway: Gateway;
  private readonly fanout: Fanout;
  private readonly recovery: Recovery;
  private readonly positions: Positions;
  private readonly levels: LevelWatch;
  private readonly teller = new LevelTeller();
  private readonly featureTeller: FeatureTeller;
  private readonly comforts: ChatComforts;
  private readonly owner: ConnectionOwner;
  private unlisten: Array<() => void> = [];

  constructor(private readonly deps: RealtimeDeps) {
    const { replica, authenticator, redis, runs, places, view, features, chat, metrics, log } = deps;
    const limits = { ...SOCKET_LIMITS, ...deps.limits };
    this.levels = new LevelWatch({
      // Ends no lease, and answers with the level.
      read: () => redis.users.leave(replica, []),
      onChange: (state) => void this.onLevel(state),
    });
    this.presence = new Presence({ replica, leases: redis.users, onLevel: (state) => this.levels.observe(state), log });
    const watch = new StreamWatch({
      lookEveryMs: limits.streamLookMs,
      events: redis.events,
      onBehind: (user) => this.recoverAll(user.connections),
    });
    this.hub = new Hub({
      replica,
      sweepMs: limits.sweepMs,
      metrics,
      log,
      onUserGone: (user) => this.fanout.close(user),
      onSweep: (now) => {
        watch.sweep(this.hub.users.values(), now);
        this.recovery.retry();
        this.comforts.sweep();
      },
    });
    this.featureTeller = new FeatureTeller(features);
    this.comforts = new ChatComforts({ replica, redis, features, ...chat, users: this.hub.users, metrics });
    const sender = new ChatSender({ sendMessage: chat.sendMessage, log });
    this.positions = new Positions({ users: this.hub.users, runs, queue: redis.queue, curve: () => view.curve(), log });
    this.fanout = new Fanout({
      channels: redis.channels,
      onFrame: (user, frame) => {
        this.positions.onFrame(user, frame);
        this.comforts.onFrame(user, frame);
      },
    });
    this.recovery = new Recovery({
      replica,
      events: redis.events,
      subscribed: (user) => this.fanout.subscribed(user),
      snapshots: new Snapshots({
        replica,
        runs,
        places,
        participants: chat.participants,
        level: this.levels,
        features,
        activeProvider: deps.activeProvider ?? (() => null),
      }),
      onSnapshot: (user, snapshotRuns) => this.positions.onSnapshot(user, snapshotRuns),
      onLive: (connection, greeting) => this.onLive(connection, greeting),
      metrics,
      log,
    });
    this.owner = {
      limits,
      metrics,
      handlers: {
        ...CORE_HANDLERS,
        ...this.comforts.handlers,
        CHAT_SEND: (connection, { data }) => sender.send(connection, data),
      },
      onGap: (connection) => this.recoverAll([connection]),
      onGone: (connection, code) => this.onGone(connection, code),
    };
    this.gateway = new Gateway({
      replica,
      authenticator,
      tickets: redis.tickets,
      presence: this.presence,
      onSocket: (socket, peer, resume) => this.onSocket(socket, peer, resume),
      metrics,
      log,
    });
  }

  /** For the HTTP server: `server.on('upgrade', realtime.upgrade)`. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    this.gateway.upgrade(request, socket, head);

  /** Open sockets. */
  get sockets(): number {
    return this.hub.connections.size;
  }

  async start(): Promise<void> {
    const { channels } = this.deps.redis;
    this.unlisten = [
      channels.onAnnounce((state) => this.levels.observe(state)),
      channels.onResubscribed(() => this.onResubscribed()),
      this.deps.features.onChange(() => this.onFeatures()),
    ];
    this.gateway.draining = false;
    this.presence.start();
    this.positions.start();
    this.hub.start();
  }

  /** Refuses new sockets at once, sends the others elsewhere, and ends the leases of their users. */
  async stop(): Promise<void> {
    this.gateway.draining = true;
    for (const off of this.unlisten) off();
    this.unlisten = [];
    await this.positions.stop();
    await this.hub.stop();
    await this.recovery.settled();
    await this.presence.stop();
  }

  private onSocket(socket: WebSocket, peer: Peer, resume: Handshake['resume']): void {
    const connection = new Connection(socket, peer, resume, this.owner);
    const { correlationId, userId } = peer;
    this.deps.log.info('socket opened', { correlation_id: correlationId, user_id: userId, resumes: resume !== null });
    this.recovery.request(this.hub.add(connection), connection);
    this.comforts.onSocket(connection);
  }

  private onGone(connection: Connection, code: number): void {
    this.recovery.forget(connection);
    this.hub.remove(connection, code);
    this.comforts.onGone(connection);
    this.presence.leave(connection.peer.userId);
  }

  private onLive(connection: Connection, greeting: Greeting): void {
    const state = this.levels.current;
    if (state !== null) this.teller.tell(connection, state);
    this.featureTeller.tell(connection);
    const user = this.hub.users.get(connection.peer.userId);
    if (user !== undefined && greeting !== 'snapshot') this.positions.retell(user);
  }

  /** Whatever was said while the connection to Redis was lost is made up for: events, leases, level. */
  private onResubscribed(): void {
    this.levels.forget();
    void this.presence.renew();
    this.recoverAll(this.hub.connections);
    void this.comforts.onResubscribed();
  }

  /** What was said last is taken back first: that comforts are back is told before the end of the high demand. */
  private async onLevel({ level }: LevelState): Promise<void> {
    const { features } = this.deps;
    if (levelRank(level) < levelRank('degraded') && features.disabled.length > 0) await features.settle();
    await this.teller.tellAll(this.hub.connections, () => this.levels.current);
  }

  /** A comfort was switched: sockets hear it, then what they have missed meanwhile. */
  private onFeatures(): void {
    void this.featureTeller.tellAll(this.hub.connections);
    this.comforts.onFeatures();
  }

  private recoverAll(connections: Iterable<Connection>): void {
    for (const connection of connections) {
      const user = this.hub.users.get(connection.peer.userId);
      if (user !== undefined) this.recovery.request(user, connection);
    }
  }
}
