import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { nobodyWaiting } from './nobody-waiting.ts';

/** More than a listening socket takes in one turn of the event loop. */
const CROWD = 100;

describe('closing a listening socket', () => {
  let server: Server;
  let url: string;
  let answered: number;

  beforeEach(async () => {
    answered = 0;
    server = createServer((_request, response) => {
      answered += 1;
      busyFor(2);
      response.end('ok');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.closeAllConnections());

  it('when nobody waits any more resets nobody who was connected', async () => {
    const outcomes = Array.from({ length: CROWD }, async () => {
      const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    });
    const all = Promise.allSettled(outcomes);
    await until(() => answered > 0, { timeoutMs: 5_000, what: 'the first to be answered' });
    await nobodyWaiting(server);
    server.close();
    const failures = (await all).flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(failures.filter((code) => code !== 'ECONNREFUSED')).to.deep.equal([]);
    expect(answered).to.equal(CROWD - failures.length);
    expect(answered, 'some were waiting').to.be.greaterThan(10);
  });

  it('is not put off for ever by a server that is busy all the time', async () => {
    let isBusy = true;
    const work = () => {
      busyFor(20);
      if (isBusy) setImmediate(work);
    };
    work();
    const startedAt = performance.now();
    await nobodyWaiting(server);
    isBusy = false;
    server.close();
    expect(performance.now() - startedAt).to.be.lessThan(2_500);
  });
});

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
