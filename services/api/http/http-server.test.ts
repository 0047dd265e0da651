import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { httpClient } from '../../../tests/support/api/http-client.ts';
import { until } from '../../../tests/support/until.ts';
import { HttpServer } from './http-server.ts';
import { Readiness } from './readiness.ts';

describe('HttpServer', () => {
  const start = async (options: Partial<ConstructorParameters<typeof HttpServer>[0]> = {}) => {
    const server = new HttpServer({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      listener: (_request, response) => response.end('ok'),
      ...options,
    });
    await server.start();
    return server;
  };

  it('listens on any free port when told 0, and says where', async () => {
    const server = await start();
    const { url, port } = server.address();
    expect(port).to.be.greaterThan(0);
    expect((await httpClient(url)('GET', '/')).text).to.equal('ok');
    await server.stop();
  });

  it('may be stopped twice, and before it was started', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    await new HttpServer({ name: 'idle', host: '127.0.0.1', port: 0, listener: () => {} }).stop();
  });

  it('says that its port is taken', async () => {
    const server = await start();
    const error = await start({ port: server.address().port }).then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    expect(error?.code).to.equal('EADDRINUSE');
    await server.stop();
  });

  it('outlives the keep-alive of the proxies in front of it', async () => {
    const server = await start();
    expect(server.node.keepAliveTimeout).to.be.greaterThan(65_000);
    await server.stop();
  });

  for (const [part, bytes] of Object.entries({ headers: 30, body: 58 }))
    it(`does not do what it has refused: the rest of a request answered 408 in its ${part} is not read`, async () => {
      const done: string[] = [];
      const server = await start({
        listener: (request) => void request.resume().on('end', () => done.push(request.url ?? '')),
      });
      const connections: Socket[] = [];
      server.node.on('connection', (socket: Socket) => void connections.push(socket));
      const request = 'POST /trigger HTTP/1.1\r\nHost: weir\r\nContent-Length: 2\r\n\r\n{}';
      const client = connect(server.address().port, '127.0.0.1');
      client.on('error', () => {}).resume();
      client.write(request.slice(0, bytes));
      const [connection] = await until(() => connections[0]?.bytesRead === bytes && connections, {
        timeoutMs: 5_000,
        what: 'the beginning of the request',
      });
      // What Node does when the time for a request is over, also when it was the process that stood still meanwhile.
      const late = Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
      client.write(request.slice(bytes));
      server.node.emit('clientError', late, connection);
      await until(() => client.closed || done.length > 0, { timeoutMs: 5_000, what: 'the end of the connection' });
      expect(done).to.deep.equal([]);
      await server.stop();
    });

  it('answers requests under way when it is stopped, and takes no new connections', async () => {
    let pending: ServerResponse | undefined;
    const server = await start({
      listener: (_request, response) => {
        pending = response;
      },
    });
    const http = httpClient(server.address().url);
    const slow = http('GET', '/slow');
    await until(() => pending, { timeoutMs: 5_000, what: 'the request to arrive' });
    const stopping = server.stop();
    const refused = await http('GET', '/late').catch((error: NodeJS.ErrnoException) => error.code);
    expect(refused).to.equal('ECONNREFUSED');
    pending?.end('finished');
    expect((await slow).text).to.equal('finished');
    await stopping;
  });

  it('serves on while it drains: the load balancer looks away first', async () => {
    const readiness = new Readiness(0.2);
    const server = await start({ beforeClose: () => readiness.stop() });
    const http = httpClient(server.address().url);
    const stopping = server.stop();
    expect(readiness.draining).to.equal(true);
    expect((await http('GET', '/')).text).to.equal('ok');
    await stopping;
    expect(await http('GET', '/').catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ECONNREFUSED');
  });

  describe('with time to linger', () => {
    /** Longer than any of these tests: whatever ends sooner did not wait for it. */
    const LONG_MS = 10_000;
    const agents: Agent[] = [];

    /** A client with one connection that it keeps, as Nginx does. */
    function client(url: string): () => Promise<number | undefined> {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(agent);
      return async () => {
        const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
        response.resume();
        await once(response, 'end');
        return response.statusCode;
      };
    }

    afterEach(() => {
      for (const agent of agents.splice(0)) agent.destroy();
    });

    it('answers what comes on connections that were there when the door closed, and refuses new ones', async () => {
      const server = await start({ lingerMs: LONG_MS });
      const { url } = server.address();
      const known = client(url);
      await known();
      expect(server.isDoorClosed).to.equal(false);
      await server.closeDoor();
      expect(server.isDoorClosed).to.equal(true);
      const stopping = server.stop();
      expect(await known()).to.equal(200);
      const stranger = await client(url)().catch((error: NodeJS.ErrnoException) => error.code);
      expect(stranger).to.equal('ECONNREFUSED');
      agents[0]?.destroy();
      await stopping;
    });

    it('ends as soon as the last connection does', async () => {
      const server = await start({ lingerMs: LONG_MS });
      await client(server.address().url)();
      const stopping = server.stop();
      const startedAt = performance.now();
      agents[0]?.destroy();
      await stopping;
      expect(performance.now() - startedAt).to.be.lessThan(LONG_MS / 2);
    });

    it('does not wait for ever for a client that keeps its connection', async () => {
      const server = await start({ lingerMs: 50 });
      await client(server.address().url)();
      await server.stop();
    });

    it('answers what is under way at the end, and waits no longer for that client either', async () => {
      let pending: ServerResponse | undefined;
      const server = await start({
        lingerMs: 50,
        listener: (_request, response) => {
          pending = response;
        },
      });
      const slow = client(server.address().url)();
      await until(() => pending, { timeoutMs: 5_000, what: 'the request to arrive' });
      let isStopped = false;
      const stopping = server.stop().then(() => {
        isStopped = true;
      });
      await until(() => server.node.keepAliveTimeout === 1, { timeoutMs: 5_000, what: 'the time to linger to pass' });
      expect(isStopped).to.equal(false);
      pending?.end('finished');
      expect(await slow).to.equal(200);
      await stopping;
    });
  });
});
