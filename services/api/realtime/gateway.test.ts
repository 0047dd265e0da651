import { expect } from 'chai';
import WebSocket from 'ws';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { RIG_LIMITS, type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';
import { TestSocket } from '../../../tests/support/test-socket.ts';
import { until } from '../../../tests/support/until.ts';

describe('Gateway', () => {
  let rig: Rig;
  let gateway: RigGateway;
  before(async () => {
    rig = await startRig();
    gateway = await rig.gateway();
  });
  after(() => rig.close());

  /** A handshake with exactly these headers. */
  const knock = (path: string, headers: Record<string, string> = {}, protocols: string[] = []): TestSocket =>
    new TestSocket(new WebSocket(gateway.baseUrl.replace('http', 'ws') + path, protocols, { headers }));
  const bearer = (userId: string, claims = {}) => ({ Authorization: `Bearer ${rig.token(userId, claims)}` });

  it('lets in a bearer token, and names replica and correlation id in the handshake', async () => {
    const socket = knock('/ws', { ...bearer('ann'), 'X-Correlation-Id': 'c-7' });
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      socket.socket.on('upgrade', (response) => resolve(response.headers)),
    );
    expect([headers['x-correlation-id'], headers['x-replica']]).to.deep.equal(['c-7', 'r1']);
    await socket.greeted();
    await socket.close();
    await until(() => gateway.log.lines.some(({ message }) => message === 'socket closed'), {
      timeoutMs: 5_000,
      what: 'the log',
    });
    const lines = gateway.log.lines.filter(({ fields }) => fields.correlation_id === 'c-7');
    expect(lines.map(({ message }) => message)).to.deep.equal(['socket opened', 'socket closed']);
  });

  const refusals: Array<[string, number, string, () => TestSocket]> = [
    ['nobody', 401, 'unauthenticated', () => knock('/ws')],
    ['a forged token', 401, 'unauthenticated', () => knock('/ws', { Authorization: 'Bearer a.b.c' })],
    ['an expired token', 401, 'unauthenticated', () => knock('/ws', bearer('ann', { exp: 1 }))],
    ['a token in the URL', 401, 'unauthenticated', () => knock(`/ws?access_token=${rig.token('ann')}`)],
    ['a token in the URL beside a good header', 401, 'unauthenticated', () => knock('/ws?token=x', bearer('ann'))],
    ['a token as ticket', 401, 'unauthenticated', () => knock(`/ws?ticket=${rig.token('ann')}`)],
    ['a ticket nobody issued', 401, 'unauthenticated', () => knock(`/ws?ticket=${'A'.repeat(43)}`)],
    ['another path', 404, 'not_found', () => knock('/ws/other', bearer('ann'))],
    ['an epoch without offset', 400, 'validation_failed', () => knock('/ws?epoch=e', bearer('ann'))],
    ['an offset that is no number', 400, 'validation_failed', () => knock('/ws?epoch=e&offset=-1', bearer('ann'))],
    ['two offsets', 400, 'validation_failed', () => knock('/ws?epoch=e&offset=1&offset=2', bearer('ann'))],
    ['an epoch that is none', 400, 'validation_failed', () => knock('/ws?epoch=%0d%0a&offset=1', bearer('ann'))],
  ];
  const counted = new Map<string, number>();
  for (const [who, status, code, attempt] of refusals) {
    it(`refuses ${who} with ${status} and a problem document`, async () => {
      const refused = await attempt().refusal();
      expect(refused.status).to.equal(status);
      expect(refused.headers['content-type']).to.equal('application/problem+json');
      expect(refused.body).to.include({ code, status });
      expect(refused.body.correlation_id).to.equal(refused.headers['x-correlation-id']);
      if (status === 401) expect(refused.headers['www-authenticate']).to.equal('Bearer realm="weir"');
      const { problems } = gateway.metrics.http;
      expect(await metricValue(problems, { code, route: '/ws' })).to.equal((counted.get(code) ?? 0) + 1);
      counted.set(code, (counted.get(code) ?? 0) + 1);
    });
  }

  it('takes a ticket once, also when it comes twice at the same time to two replicas', async () => {
    const other = await rig.gateway();
    const ticket = await rig.store.tickets.issue({ userId: 'tess', role: 'user', expiresAt: Date.now() + 60_000 });
    const sockets = [gateway, other, gateway, other].map(
      ({ baseUrl }) => new TestSocket(new WebSocket(`${baseUrl.replace('http', 'ws')}/ws?ticket=${ticket}`)),
    );
    await until(() => sockets.every(({ refused, frames }) => refused || frames.length > 0), {
      timeoutMs: 5_000,
      what: 'answers',
    });
    const let_in = sockets.filter(({ refused }) => refused === undefined);
    expect(let_in).to.have.length(1);
    expect(let_in[0]?.ofType('SNAPSHOT')[0]?.data.user_id).to.equal('tess');
    expect((await knock(`/ws?ticket=${ticket}`).refusal()).status).to.equal(401);
    await let_in[0]?.close();
  });

  it('ends a socket with the token its ticket was got with', async () => {
    const ticket = await rig.store.tickets.issue({ userId: 'tess', role: 'user', expiresAt: Date.now() - 1 });
    expect((await knock(`/ws?ticket=${ticket}`).ended()).code).to.equal(4003);
  });

  it('lets pages of any origin in that have a ticket', async () => {
    const ticket = await rig.store.tickets.issue({ userId: 'tess', role: 'user', expiresAt: Date.now() + 60_000 });
    const socket = knock(`/ws?ticket=${ticket}`, { Origin: 'https://elsewhere.example' });
    expect((await socket.greeted()).type).to.equal('SNAPSHOT');
    await socket.close();
  });

  it('takes no subprotocol of the client for its own', async () => {
    const socket = knock('/ws', bearer('ann'), ['bearer.token', 'graphql-ws']);
    await until(() => socket.closed || socket.socket.readyState === WebSocket.OPEN, {
      timeoutMs: 5_000,
      what: 'an answer',
    });
    expect(socket.socket.protocol).to.equal('');
    socket.socket.terminate();
  });

  it('refuses beyond the hard limit with 503 and Retry-After, but never a user who is here already', async () => {
    await rig.store.cluster.setLimits({ ...RIG_LIMITS, max_users: 2, hard_limit_users: 2 });
    const [ann, ben] = [rig.connect(gateway, 'full-1'), rig.connect(gateway, 'full-2')];
    await Promise.all([ann.greeted(), ben.greeted()]);
    const refused = await knock('/ws', bearer('full-3')).refusal();
    expect([refused.status, refused.body.code]).to.deep.equal([503, 'users_full']);
    expect(Number(refused.headers['retry-after'])).to.be.within(12, 18);
    const tab = rig.connect(gateway, 'full-1');
    await tab.greeted();
    await Promise.all([ann.close(), tab.close(), ben.close()]);
    await until(async () => (await rig.usersCounted()) === 0, { timeoutMs: 5_000, what: 'the places to be free' });
    const late = rig.connect(gateway, 'full-3');
    await late.greeted();
    await late.close();
    await rig.store.cluster.setLimits(RIG_LIMITS);
  });

  it('answers 503 to tickets while Redis is away, and 503 draining while it stops', async () => {
    const stopping = await rig.gateway();
    const url = stopping.baseUrl.replace('http', 'ws');
    await stopping.store.close();
    const noRedis = await new TestSocket(new WebSocket(`${url}/ws?ticket=${'A'.repeat(43)}`)).refusal();
    expect([noRedis.status, noRedis.body.code]).to.deep.equal([503, 'capacity_unavailable']);
    await stopping.realtime.stop();
    const refused = await new TestSocket(new WebSocket(`${url}/ws`, { headers: bearer('ann') })).refusal();
    expect([refused.status, refused.body.code]).to.deep.equal([503, 'draining']);
    expect(refused.headers['retry-after']).to.equal('1');
  });
});
