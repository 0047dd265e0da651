import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { openHub } from '../measure/hub.ts';
import type { Sample } from '../measure/sample.ts';
import type { Assignment } from './assignment.ts';
import { askAssignment, sendSample, sendWaiting } from './link.ts';

const SECRET = 'secret';

describe('the link between users and the launcher', () => {
  let close: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await close?.();
    delete process.env.WEIR_LOAD_HUB;
    delete process.env.WEIR_LOAD_SECRET;
  });

  const linkTo = (port: number) => {
    process.env.WEIR_LOAD_HUB = `http://127.0.0.1:${port}`;
    process.env.WEIR_LOAD_SECRET = SECRET;
  };

  it('a crowd that comes at once comes through few connections, so that nobody is dropped at the door', async () => {
    let connections = 0;
    const server = createServer((request, response) => {
      request.resume();
      response.end('{}');
    }).on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    linkTo((server.address() as AddressInfo).port);
    await Promise.all(Array.from({ length: 2_000 }, askAssignment));
    expect(connections).to.be.at.most(4);
  });

  it('brings everybody who they are, and what they saw to the one who counts', async () => {
    const taken: Sample[] = [];
    let count = 0;
    const hub = await openHub({
      secret: SECRET,
      port: 0,
      assign: async () => ({ userId: `u-${count++}` }) as Assignment,
      take: (samples) => taken.push(...samples),
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
    });
    close = () => hub.close();
    linkTo(hub.port);
    const crowd = await Promise.all(Array.from({ length: 100 }, askAssignment));
    expect(new Set(crowd.map(({ userId }) => userId))).to.have.length(100);
    const sample: Sample = { kind: 'users', at: 1, change: 1 };
    sendSample(sample);
    await sendWaiting();
    expect(taken).to.deep.equal([sample]);
    process.env.WEIR_LOAD_SECRET = 'of another run';
    const error = await askAssignment().catch((reason: unknown) => reason);
    expect(String(error)).to.include('the launcher answers 401');
  });
});
