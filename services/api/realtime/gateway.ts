import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Tickets } from '../../../redis/tickets.ts';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { MAX_CLIENT_FRAME_BYTES } from '../../../shared/protocol/events.ts';
import { spread } from '../../../shared/resilience/backoff.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Identity } from '../auth/identity.ts';
import { openContext } from '../http/request-context.ts';
import type { Peer } from './connection.ts';
import { type Handshake, readHandshake } from './handshake.ts';
import type { Presence } from './presence.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** Told to those who come while all places are taken; a lease that is not renewed frees one after 15 s (s). */
const FULL_RETRY_SECONDS = 15;
/** Told to those who come to a replica that stops: the next one takes them (s). */
const DRAINING_RETRY_SECONDS = 1;
const TICKET_RETRY_SECONDS = 2;
/** How long a closed socket may take to answer the close frame (ms); then it is cut. ws would wait 30 s. */
const CLOSE_TIMEOUT_MS = 5_000;

/** What refusals are counted under, and those that can come. */
const ROUTE = '/ws';
const REFUSALS: readonly ErrorCode[] = [
  'unauthenticated',
  'bad_request',
  'validation_failed',
  'not_found',
  'users_full',
  'draining',
  'capacity_unavailable',
  'identity_unavailable',
  'internal',
];

const NO_HANDSHAKE = 'This is not a handshake of WebSocket version 13 (RFC 6455).';

/** The types of ws do not know `closeTimeout` yet. */
const SERVER_OPTIONS: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  maxPayload: MAX_CLIENT_FRAME_BYTES,
  // Costs some 300 KB a socket, to save bytes of frames that have 300.
  perMessageDeflate: false,
  clientTracking: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // None is ours; without this ws would confirm whatever the client names first.
  handleProtocols: () => false,
};

export interface GatewayDeps {
  replica: string;
  authenticator: Pick<Authenticator, 'authenticateHeader'>;
  tickets: Pick<Tickets, 'redeem'>;
  presence: Pick<Presence, 'enter' | 'leave'>;
  onSocket(socket: WebSocket, peer: Peer, resume: Handshake['resume']): void;
  metrics: Pick<Metrics, 'http'>;
  log: Logger;
}

/**
 * The WebSocket door: decides who gets a socket, before there is one, so that everybody refused gets an HTTP answer that says why and
 * when to come back.
 *
 * Any `Origin` is let in. Cross-site WebSocket hijacking lives from proofs that a browser adds by itself (cookies, client
 * certificates); here the page must hold a ticket or a token in its hands, and a foreign page has neither. An allow-list would only
 * keep out honest pages on other hosts.
 */
export class Gateway {
  private readonly server = new WebSocketServer(SERVER_OPTIONS);
  /** Header lines of the handshakes under way. */
  private readonly replies = new WeakMap<IncomingMessage, string[]>();
  draining = false;

  constructor(private readonly deps: GatewayDeps) {
    for (const code of REFUSALS) deps.metrics.http.problems.inc({ code, route: ROUTE }, 0);
    // A handshake that is none: ws would answer it with a line of HTML.
    this.server.on('wsClientError', (error, socket, request) => {
      const { correlationId } = openContext(request);
      this.refuse(socket, new WeirError('bad_request', { detail: NO_HANDSHAKE, cause: error }), correlationId);
    });
    this.server.on('headers', (headers, request) => headers.push(...(this.replies.get(request) ?? [])));
  }

  /** For `server.on('upgrade', …)`. Never throws. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const { correlationId } = openContext(request);
    // The HTTP server has let go of the socket: from here on its errors are ours, or end the process.
    socket.on('error', ignore);
    this.accept(request, socket, head, correlationId).catch((thrown: unknown) => {
      const error = thrown instanceof WeirError ? thrown : new WeirError('internal', { cause: thrown });
      this.refuse(socket, error, correlationId);
    });
  };

  private refuse(socket: Duplex, error: WeirError, correlationId: string): void {
    const fields = { correlation_id: correlationId, code: error.code, reason: error.logDetail, error: error.cause };
    if (error.code === 'internal') this.deps.log.error('socket refused', fields);
    else this.deps.log.debug('socket refused', fields);
    this.deps.metrics.http.problems.inc({ code: error.code, route: ROUTE });
    refuseUpgrade(socket, error, { correlationId, replica: this.deps.replica });
  }

  private async accept(request: IncomingMessage, socket: Duplex, head: Buffer, correlationId: string): Promise<void> {
    this.refuseWhileDraining();
    const handshake = readHandshake(request);
    const { userId, role, expiresAt } = await this.identify(handshake);
    const { presence } = this.deps;
    let entered = true;
    const leave = (): void => {
      if (entered) presence.leave(userId);
      entered = false;
    };
    try {
      const entry = await presence.enter(userId);
      if (entry === 'full') throw new WeirError('users_full', { retryAfterSeconds: spread(FULL_RETRY_SECONDS, 0.2) });
      this.refuseWhileDraining();
      this.replies.set(request, [`X-Correlation-Id: ${correlationId}`, `X-Replica: ${this.deps.replica}`]);
      if (socket.destroyed) return leave();
      // ws answers a malformed handshake itself, and drops a peer that has left meanwhile: only `close` tells of both.
      socket.once('close', leave);
      socket.off('error', ignore);
      this.server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.off('close', leave);
        this.deps.onSocket(webSocket, { userId, role, expiresAt, correlationId }, handshake.resume);
      });
    } catch (error) {
      leave();
      throw error;
    }
  }

  private async identify(handshake: Handshake): Promise<Identity> {
    if (handshake.ticket === undefined) return this.deps.authenticator.authenticateHeader(handshake.authorization);
    const holder = await this.deps.tickets.redeem(handshake.ticket).catch((cause: unknown) => {
      throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: spread(TICKET_RETRY_SECONDS, 0.2) });
    });
    if (holder === null) {
      throw new WeirError('unauthenticated', {
        detail: 'This ticket is not valid: a ticket lives 30 seconds and works once. Fetch a new one.',
      });
    }
    return holder;
  }

  private refuseWhileDraining(): void {
    if (this.draining) throw new WeirError('draining', { retryAfterSeconds: DRAINING_RETRY_SECONDS });
  }
}

function ignore(): void {}
