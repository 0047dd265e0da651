import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { newcomersFirst } from './newcomers-first.ts';

/** Far more than a listening socket takes in one turn of the event loop. */
const CROWD = 120;

describe('a crowd at the door', () => {
  let server: Server;
  let port: number;
  let connections: number;
  let handled: string[];
  /** Connections that were there when each request was handled. */
  let present: number[];

  /** `longestMs`: for how long newcomers go first; left out: as it is in operation. */
  const open = async (longestMs?: number): Promise<void> => {
    [connections, handled, present] = [0, [], []];
    server = createServer({ keepAliveTimeout: 60_000 });
    server.on('connection', () => {
      connections += 1;
    });
    server.on(
      'request',
      newcomersFirst(
        server,
        (request, response) => {
          handled.push(request.url ?? '');
          present.push(connections);
          busyFor(1);
          response.end('ok');
        },
        longestMs,
      ),
    );
    server.listen({ port: 0, host: '127.0.0.1', backlog: CROWD });
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('is let in before the first of it is served', async () => {
    // A slow machine may need longer than 50 ms for the whole crowd.
    await open(10_000);
    const sockets = Array.from({ length: CROWD }, (_, n) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET /${n} HTTP/1.1\r\nHost: here\r\n\r\n`);
      return socket;
    });
    await until(() => handled.length === CROWD, { timeoutMs: 5_000, what: 'all to be served' });
    expect(Math.min(...present)).to.be.greaterThan(CROWD / 2);
    expect(new Set(handled).size).to.equal(CROWD);
    for (const socket of sockets) socket.destroy();
  });

  it('holds up a lone request by nothing, on a new connection and on one that is there', async () => {
    await open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/first', '/second']) {
      const [answer] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
      expect(answer.statusCode).to.equal(200);
      answer.resume();
      await once(answer, 'end');
    }
    expect(handled).to.deep.equal(['/first', '/second']);
    expect(connections).to.equal(1);
    agent.destroy();
  });

  it('serves those who are in while newcomers do not end', async () => {
    await open();
    let isOn = true;
    const come = (): void => {
      if (!isOn) return;
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        come();
      });
      socket.on('error', () => {});
    };
    for (let n = 0; n < 20; n++) come();
    const [answer] = (await once(get({ port, path: '/patient' }), 'response')) as [IncomingMessage];
    isOn = false;
    answer.resume();
    expect(answer.statusCode).to.equal(200);
  });
});

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
