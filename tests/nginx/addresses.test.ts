import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { openSocket } from '../support/nginx/open-socket.ts';
import { type Upstream, upstream, withSockets } from '../support/nginx/upstream.ts';
import { until } from '../support/until.ts';

const NETWORKS = 60;

describe('whom Nginx takes its clients for', () => {
  let rig: NginxRig | undefined;
  let replicas: Upstream[];

  async function start(settings: Record<string, string>): Promise<string> {
    replicas = [];
    for (const name of ['first', 'second', 'third']) replicas.push(withSockets(await upstream(), name));
    rig = await NginxRig.start(replicas, settings);
    return rig.url;
  }
  afterEach(async () => {
    await rig?.close();
    rig = undefined;
  });

  async function socketOf(url: string, address: string): Promise<string> {
    const socket = await openSocket(url, { 'X-Forwarded-For': address });
    socket.end();
    expect(socket.status).to.equal(101);
    return String(socket.headers['x-replica']);
  }

  /** `client` and `peer` of the last request in the access log, and what the replica was told. */
  async function seen(url: string, forwarded: string) {
    const known = replicas.flatMap(({ requests }) => requests).length;
    await fetch(url, { headers: { 'X-Forwarded-For': forwarded, 'X-Correlation-Id': 'sought' } });
    const asked = replicas.flatMap(({ requests }) => requests);
    expect(asked.length).to.equal(known + 1);
    const told = asked.find(({ headers }) => headers['x-correlation-id'] === 'sought');
    const line = await until(
      () =>
        readFileSync(rig?.accessLog ?? '', 'utf8')
          .split('\n')
          .find((text) => text.includes('"sought"')),
      { timeoutMs: 5_000, what: 'the line of the request' },
    );
    const { client, peer } = JSON.parse(line) as { client: string; peer: string };
    return { client, peer, told: told?.headers['x-forwarded-for'] };
  }

  it('believes nobody about it unless told to', async () => {
    const url = await start({});
    expect(await seen(url, '203.0.113.9')).to.deep.equal({ client: '127.0.0.1', peer: '127.0.0.1', told: '127.0.0.1' });
  });

  it('believes a proxy that is named, and of a chain the last address that is not one of them', async () => {
    const url = await start({ WEIR_NGINX_TRUSTED_PROXY: '127.0.0.1; set_real_ip_from 10.0.0.0/8' });
    expect(await seen(url, '198.51.100.1, 203.0.113.9, 10.1.2.3')).to.deep.equal({
      client: '203.0.113.9',
      peer: '127.0.0.1',
      told: '203.0.113.9',
    });
  });

  it('brings the sockets of a client back to the same replica, and those of many to all', async () => {
    const url = await start({ WEIR_NGINX_TRUSTED_PROXY: '127.0.0.1' });
    const homes = new Map<string, string>();
    for (let n = 0; n < NETWORKS; n++) homes.set(`198.51.${n}.7`, await socketOf(url, `198.51.${n}.7`));
    expect(new Set(homes.values())).to.deep.equal(new Set(['first', 'second', 'third']));
    for (const [address, home] of [...homes].slice(0, 20)) expect(await socketOf(url, address), address).to.equal(home);
  });

  it('does not let a client choose its replica', async () => {
    const url = await start({});
    const homes = new Set<string>();
    for (let n = 0; n < 12; n++) homes.add(await socketOf(url, `198.51.${n}.7`));
    expect(homes.size).to.equal(1);
  });

  const expectSpread = () => {
    for (const { requests } of replicas) expect(requests.length).to.be.within(90, 110);
  };

  it('spreads requests that come one after the other over the replicas within 10 %', async () => {
    const url = await start({});
    for (let n = 0; n < 300; n++) await fetch(url);
    expectSpread();
  });

  it('spreads requests that are under way at once over the replicas within 10 %', async () => {
    // Silence is not a reason to ask another replica here: nobody is answered before the last one has come.
    const url = await start({ WEIR_NGINX_ANSWER_TIMEOUT: '60s' });
    const held: ServerResponse[] = [];
    for (const replica of replicas) replica.answer = (_request, response) => void held.push(response);
    const answers = Promise.all(Array.from({ length: 300 }, async () => (await fetch(url)).status));
    await until(() => held.length === 300, { timeoutMs: 15_000, what: 'all requests under way' });
    for (const response of held) response.end();
    expect(new Set(await answers)).to.deep.equal(new Set([200]));
    expectSpread();
  });
});
