import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { WebSocketServer } from 'ws';
import { until } from '../../tests/support/until.ts';
import type { Sample } from '../measure/sample.ts';
import type { Assignment } from './assignment.ts';
import { Reporter } from './reporter.ts';
import { User } from './user.ts';

const RUN = '01a1fd7f-329b-7a1c-81c1-7680520f6b68';
const MINUTE = 60_000;

describe('a user', () => {
  let server: WebSocketServer;
  let user: User;
  const samples: Sample[] = [];
  /** What the next sockets are sent when they open. */
  const greetings: object[][] = [];

  before(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      for (const frame of greetings.shift() ?? []) socket.send(JSON.stringify(frame));
    });
    await new Promise((resolve) => server.once('listening', resolve));
  });
  after(async () => {
    await user?.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  const frame = (type: string, offset: number, data: object, ageMs = 0) => ({
    type,
    epoch: 'e',
    offset,
    at: new Date(Date.now() - ageMs).toISOString(),
    data: { run_id: RUN, ...data },
  });
  const notices = () => samples.flatMap((each) => (each.kind === 'span' && each.span === 'notice' ? [each.ms] : []));

  it('does not take the time without a socket for the time that news need', async () => {
    greetings.push(
      [frame('SNAPSHOT', 0, { recovered: false, replica: 'r' })],
      [
        frame('RESUMED', 0, { recovered: true, replica: 'r', replayed: 2 }),
        frame('WORKFLOW_STARTING', 1, { attempt: 1 }, MINUTE),
        frame('WORKFLOW_STEP', 2, { index: 0 }, MINUTE),
        frame('WORKFLOW_COMPLETED', 3, {}),
      ],
    );
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const who = { userId: 'ann', token: 't', target, region: { name: 'local', rttMs: 0 }, from: null } as Assignment;
    user = new User(who, new Reporter((sample) => samples.push(sample)));
    await user.connect();
    user.breakSocket();
    await until(() => notices().length > 0, { timeoutMs: 10_000, what: 'news on the second socket' });
    expect(notices(), 'only of what was heard as it happened').to.have.length(1);
    expect(notices()[0]).to.be.below(MINUTE / 2);
    expect(samples.filter(({ kind }) => kind === 'fault')).to.deep.equal([]);
  });
});
