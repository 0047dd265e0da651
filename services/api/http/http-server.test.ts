import type { ServerResponse } from 'node:http';
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

  it('answers requests under way when it is stopped, and takes no new connections', async () => {
    let pending: ServerResponse | undefined;
    const server = await start({
      listener: (_request, response) => {
        pending = response;
      },
    });
    const http = httpClient(server.address().url);
    const slow = http('GET', '/slow');
    await until(() => pending, { timeoutMs: 2_000, what: 'the request to arrive' });
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
});
