import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import WebSocket, { WebSocketServer } from 'ws';
import { until } from '../../../tests/support/until.ts';
import type { EventFrame } from '../events.ts';
import { LiveConnection, type LiveConnectionOptions } from './live-connection.ts';
import { LiveStopped } from './live-stopped.ts';

const snapshot = (epoch: string, offset: number) => ({
  type: 'SNAPSHOT',
  at: '',
  epoch,
  offset,
  data: { recovered: false, replica: 'r1', user_id: 'ann', runs: [], capacity: null, features: { disabled: [] } },
});
const resumed = (epoch: string, offset: number) => ({
  type: 'RESUMED',
  at: '',
  epoch,
  offset,
  data: { recovered: true, replica: 'r2', replayed: 0 },
});
const event = (epoch: string, offset: number) => ({ type: 'WORKFLOW_CANCELLED', at: '', epoch, offset, data: {} });

/** A server whose every socket does what the next entry of `script` says. */
type Act = (socket: WebSocket, request: IncomingMessage) => void;

describe('LiveConnection', () => {
  let server: WebSocketServer;
  let url: string;
  let script: Act[];
  let requests: IncomingMessage[];
  let live: LiveConnection | undefined;

  beforeEach(async () => {
    script = [];
    requests = [];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket, request) => {
      requests.push(request);
      script[Math.min(requests.length, script.length) - 1]?.(socket, request);
    });
    await new Promise((resolve) => server.once('listening', resolve));
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
  });
  afterEach(async () => {
    await live?.stop();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  const connect = (options: Partial<LiveConnectionOptions> = {}): LiveConnection => {
    live = new LiveConnection({ endpoint: () => ({ url }), WebSocket, delayMs: () => 1, ...options });
    return live.start();
  };
  const say = (...frames: unknown[]): Act => {
    return (socket) => {
      for (const frame of frames) socket.send(JSON.stringify(frame));
    };
  };
  const offsets = (frames: EventFrame[]): Array<number | undefined> => frames.map(({ offset }) => offset);
  const collect = (connection: LiveConnection): EventFrame[] => {
    const frames: EventFrame[] = [];
    connection.onFrame((frame) => frames.push(frame));
    return frames;
  };
  const sent = (count: number) => until(() => requests.length >= count, { timeoutMs: 5_000, what: `${count} sockets` });

  it('resumes after the last frame it received, with the query the server asks for', async () => {
    script = [
      (socket) => {
        say(snapshot('e 1', 3), event('e 1', 4))(socket, requests[0] as IncomingMessage);
        socket.close(4000);
      },
      say(resumed('e 1', 4), event('e 1', 5)),
    ];
    const frames = collect(connect());
    await until(() => frames.length === 4, { timeoutMs: 5_000, what: 'all frames' });
    expect(offsets(frames)).to.deep.equal([3, 4, 4, 5]);
    expect(requests.map((request) => request.url)).to.deep.equal(['/ws', '/ws?epoch=e+1&offset=4']);
    expect(live?.state).to.deep.equal({ kind: 'live', replica: 'r2', recovered: true });
    expect(live?.resumePosition).to.deep.equal({ epoch: 'e 1', offset: 5 });
  });

  it('drops frames it has seen, and comes back for one that is missing', async () => {
    script = [
      say(snapshot('e', 0), event('e', 1), event('e', 1), event('e', 3)),
      say(resumed('e', 1), event('e', 2), event('e', 3)),
    ];
    const frames = collect(connect());
    await until(() => frames.length === 5, { timeoutMs: 5_000, what: 'all frames' });
    expect(offsets(frames)).to.deep.equal([0, 1, 1, 2, 3]);
  });

  it('gives up a socket that has fallen silent, and resumes', async () => {
    script = [say(snapshot('e', 7))];
    connect({ silenceLimitMs: 40 });
    await sent(3);
    expect(requests[2]?.url).to.equal('/ws?epoch=e&offset=7');
  });

  it('gives up a server that takes the connection and never answers', async () => {
    const taken: Socket[] = [];
    const mute = createServer((socket) => void taken.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const muteUrl = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}/ws`;
    const connection = connect({ endpoint: () => ({ url: muteUrl }), silenceLimitMs: 30 });
    await until(() => taken.length >= 2, { timeoutMs: 5_000, what: 'a second attempt' });
    await connection.stop();
    for (const socket of taken) socket.destroy();
    mute.close();
  });

  it('stops when the close code says so, and tells why', async () => {
    script = [(socket) => socket.close(4500, 'bad frame')];
    const connection = connect();
    const stopped = { kind: 'closed', code: 4500, reason: 'bad frame' };
    try {
      for await (const _ of connection.frames());
      throw new Error('the loop ended without an error');
    } catch (error) {
      expect(error).to.be.instanceOf(LiveStopped);
      expect((error as LiveStopped).reason).to.deep.equal(stopped);
    }
    expect(connection.state).to.deep.equal({ kind: 'stopped', reason: stopped });
    expect(requests).to.have.length(1);
  });

  it('asks for a new endpoint before every attempt, sends its headers, and stops after a second 401', async () => {
    let asked = 0;
    const seen: Array<string | undefined> = [];
    server.options.verifyClient = (info, done) => {
      seen.push(info.req.headers.authorization);
      done(false, 401, 'no', { 'Content-Type': 'application/problem+json' });
    };
    const connection = connect({
      endpoint: () => ({ url, headers: { Authorization: `Bearer ${++asked}` } }),
    });
    await until(() => connection.state.kind === 'stopped', { timeoutMs: 5_000, what: 'the stop' });
    expect(seen).to.deep.equal(['Bearer 1', 'Bearer 2']);
    expect(connection.state).to.have.nested.property('reason.status', 401);
  });

  it('waits as long as a full server asks, unless told that the network is back', async () => {
    let refuse = true;
    server.options.verifyClient = (_info, done) => {
      if (refuse) done(false, 503, '{}', { 'Retry-After': '600', 'Content-Type': 'application/problem+json' });
      else done(true);
    };
    script = [say(snapshot('e', 0))];
    const connection = connect();
    await until(() => connection.state.kind === 'waiting', { timeoutMs: 5_000, what: 'the wait' });
    const { state } = connection;
    if (state.kind === 'waiting') expect(state.until - Date.now()).to.be.closeTo(600_000, 5_000);
    refuse = false;
    connection.reconnectNow();
    await until(() => connection.state.kind === 'live', { timeoutMs: 5_000, what: 'the connection' });
  });

  it('keeps trying while nobody listens, and while no endpoint can be had', async () => {
    let asked = 0;
    script = [say(snapshot('e', 0))];
    const connection = connect({
      endpoint: () => {
        asked += 1;
        if (asked < 3) throw new TypeError('fetch failed');
        return { url: asked < 5 ? 'ws://127.0.0.1:1/ws' : url };
      },
    });
    await until(() => connection.state.kind === 'live', { timeoutMs: 5_000, what: 'the connection' });
    expect(asked).to.equal(5);
  });

  it('calls typed listeners with their frames only, and a loop ends with stop()', async () => {
    script = [say(snapshot('e', 0), event('e', 1), { type: 'SOMETHING_NEW', at: '', data: {} })];
    const connection = connect();
    const cancelled: string[] = [];
    connection.on('WORKFLOW_CANCELLED', (frame) => cancelled.push(frame.type));
    const types: string[] = [];
    for await (const frame of connection.frames()) {
      types.push(frame.type);
      if (types.length === 3) await connection.stop();
    }
    expect(types).to.deep.equal(['SNAPSHOT', 'WORKFLOW_CANCELLED', 'SOMETHING_NEW']);
    expect(cancelled).to.have.length(1);
  });

  it('sends client frames while connected, and says when it could not', async () => {
    const received: string[] = [];
    script = [
      (socket, request) => {
        socket.on('message', (data) => received.push(String(data)));
        say(snapshot('e', 0))(socket, request);
      },
    ];
    const connection = connect();
    expect(connection.send({ type: 'PING' })).to.equal(false);
    await until(() => connection.state.kind === 'live', { timeoutMs: 5_000, what: 'the connection' });
    expect(connection.send({ type: 'PING' })).to.equal(true);
    await until(() => received.length === 1, { timeoutMs: 5_000, what: 'the frame' });
    expect(received).to.deep.equal(['{"type":"PING"}']);
    await connection.stop();
    expect(connection.send({ type: 'PING' })).to.equal(false);
  });

  it('can be stopped before it was started, and twice', async () => {
    live = new LiveConnection({ endpoint: () => ({ url }), WebSocket });
    await live.stop();
    await live.stop();
    expect(live.state).to.deep.equal({ kind: 'stopped', reason: { kind: 'asked' } });
    expect(requests).to.have.length(0);
  });
});
