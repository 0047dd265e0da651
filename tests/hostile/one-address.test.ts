import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { type Handshake, openSocket } from '../support/nginx/open-socket.ts';
import type { OwnAnswer } from '../support/nginx/problem-of.ts';
import { until } from '../support/until.ts';
import { faultsOf } from './fuzz/judge.ts';
import { HostileStage } from './hostile-stage.ts';
import { hostileOptions } from './options.ts';

const { crowd } = hostileOptions(process.env);

/** Whole networks lead to this machine, so an attack can have an address of its own. */
const ATTACKER = '127.0.0.66';
/** Sockets one address may have here: fewer than by default, which a small machine would be busy with. */
const SOCKETS = 500;
/** Handshakes under way at once, by one attacker. */
const AT_ONCE = 100;
/** Connections that say nothing, or only half of something. */
const IDLE = 300;

describe(`everything from one address (CROWD=${crowd})`, function () {
  this.timeout(180_000);
  let stage: HostileStage;

  before(async () => {
    stage = await HostileStage.open({
      // This machine is free of limits otherwise; the address of the attack is not.
      WEIR_NGINX_UNLIMITED: '127.0.0.1/32',
      WEIR_NGINX_SOCKETS: String(SOCKETS),
    });
  });
  after(async () => {
    await stage?.close();
  });

  it('sockets beyond its bound are refused and told when to come back; others get in, and their runs go through', async () => {
    const headers = {
      Authorization: stage.cast().authorization.member,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const open: Handshake[] = [];
    const refused: OwnAnswer[] = [];
    const bystander = stage.bystander();
    let left = crowd;
    const attacker = async (): Promise<void> => {
      while (left-- > 0) {
        const answer = await openSocket(stage.nginxUrl, headers, { from: ATTACKER, staysAlive: true });
        if (answer.status === 101) open.push(answer);
        else refused.push({ ...answer, headers: headersOf(answer) });
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, attacker));
      const faults = refused.flatMap((answer) => faultsOf(answer, 'GET', null));
      expect([...new Set(faults)]).to.deep.equal([]);
      expect([...new Set(refused.map(({ status }) => status))]).to.deep.equal([429]);
      expect(open.length).to.be.within(1, SOCKETS);
      await stage.listensAndRuns('alice');
    } finally {
      for (const socket of open) socket.end();
      await bystander.leave();
    }
    expect(bystander.failures).to.deep.equal([]);
    const isLetIn = async () => {
      const { status, end } = await openSocket(stage.nginxUrl, headers, { from: ATTACKER });
      end();
      return status === 101;
    };
    await until(isLetIn, { timeoutMs: 20_000, what: 'the address to be let in again' });
    expect(await stage.victim.faults()).to.deep.equal([]);
  });

  it('connections that say nothing, or half of something, are dropped; meanwhile others are served', async () => {
    const halves = [
      '',
      'GET / HT',
      'POST /api/v1/trigger HTTP/1.1\r\nHost: weir\r\nContent-Length: 50\r\n\r\nhalf',
      'GET /ws HTTP/1.1\r\nHost: weir\r\nUpgrade: web',
    ];
    const sockets: Socket[] = [];
    let gone = 0;
    for (let n = 0; n < IDLE; n++) {
      const socket = await connected(stage.nginxUrl);
      socket.on('close', () => gone++).resume();
      socket.write(halves[n % halves.length] ?? '');
      sockets.push(socket);
    }
    await stage.listensAndRuns('alice');
    // What has been begun must come to its end within 10 s (WEIR_NGINX_CLIENT_TIMEOUT).
    await until(() => gone === IDLE, { timeoutMs: 60_000, what: 'all of them to be dropped' });
    await stage.oneRun();
  });
});

function headersOf({ headers }: Handshake): Headers {
  return new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]));
}

async function connected(url: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: ATTACKER });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
