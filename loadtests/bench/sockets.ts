/**
 * Ten thousand users with a socket each, from many addresses, over three replicas behind Nginx: whether all are let in, what an idle one takes of a
 * replica's memory (after collections, before and with them), how long a notice to all takes (from the request that changes a limit to the last
 * socket), and a storm: Nginx goes away and comes back, all reconnect, and events are published all the while, of which none may be missing. Beside
 * it, before and in the same run, a bare `ws` server without deflate in one process and without Nginx.
 *
 * `node --import tsx loadtests/bench/sockets.ts [sockets]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedisStore } from '../../redis/store.ts';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { withCluster } from './bench-cluster.ts';
import { median, row } from './figures.ts';
import { Inspector, type Memory } from './inspector.ts';
import type { Client } from './sockets-clients.ts';
import { Crowd, together } from './sockets-crowd.ts';
import { storm } from './sockets-storm.ts';

const [SOCKETS = 10_000] = process.argv.slice(2).map(Number);
/** Opened and closed before memory is read first, so that compiled code and pools are not taken for sockets. */
const WARM = 300;
const NOTICES = 3;
/** Nginx goes by the first three numbers of an address (ip_hash). */
const ADDRESSES = 200;
/** As shipped Nginx takes 1,000 sockets of an address (not counted on 127.0.0.0/8) and 16,384 connections a worker; a socket takes two. */
const SETTINGS = { WEIR_MAX_USERS: String(2 * SOCKETS), WEIR_NGINX_WORKER_CONNECTIONS: '19000' };
const REPLICAS = ['replica-1', 'replica-2', 'replica-3'];

const now = () => performance.timeOrigin + performance.now();
const from = (n: number) => `127.0.${1 + (n % ADDRESSES)}.1`;
/** KB a socket. */
const each = (before: Memory, after: Memory, sockets: number, key: keyof Memory) =>
  (after[key] - before[key]) / sockets / 1_000;

async function bare(crowd: Crowd, clients: Client[]): Promise<void> {
  const [port, inspectPort] = [await freePort(), await freePort()];
  const child = fork(join(import.meta.dirname, 'sockets-app.ts'), [String(port)], {
    execArgv: [`--inspect-port=${inspectPort}`, '--import', 'tsx'],
    // What the inspector says of itself.
    silent: true,
  });
  await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  const inspector = await Inspector.attach(child.pid ?? 0, inspectPort);
  await crowd.open(url, clients.slice(0, WARM), true);
  await crowd.close();
  const before = await inspector.memory();
  const begun = now();
  const { count, lastAt } = await crowd.open(url, clients, true);
  const after = await inspector.memory();
  const notices: number[] = [];
  for (let n = 0; n < NOTICES; n++) {
    const heard = await crowd.hear('CAPACITY_WARNING');
    const told = now();
    child.send(`{"type":"CAPACITY_WARNING","data":{"message":"${'x'.repeat(120)}"}}`);
    notices.push(together(await Promise.all(heard)).lastAt - told);
  }
  await crowd.close();
  inspector.close();
  child.disconnect();
  console.log(
    row('bare ws', {
      established: count,
      of: clients.length,
      s: (lastAt - begun) / 1_000,
      'KB heap': each(before, after, count, 'heap'),
      'KB rss': each(before, after, count, 'rss'),
      'notice ms': median(notices),
    }),
  );
}

async function socketsOf(cluster: LocalCluster): Promise<number[]> {
  const pages = cluster.replicas.map(async ({ internalUrl }) => (await fetch(`${internalUrl}/metrics`)).text());
  return (await Promise.all(pages)).map((page) => Number(/^weir_sockets_open(?:\{.*\})? (\d+)/m.exec(page)?.[1]));
}

async function untilNone(cluster: LocalCluster): Promise<void> {
  while ((await socketsOf(cluster)).some((count) => count > 0)) await sleep(200);
}

/** A limit is changed so that the level rises; ms until the last socket has heard so. */
async function notice(crowd: Crowd, api: ApiClient, maxUsers: number, type: string): Promise<[number, number]> {
  const heard = await crowd.hear(type);
  const begun = now();
  await api.patchCapacity({ max_users: Math.floor(maxUsers) });
  const { count, lastAt } = together(await Promise.all(heard));
  return [count, lastAt - begun];
}

async function weir(crowd: Crowd, cluster: LocalCluster, inspectPorts: number[]): Promise<void> {
  const tokens = await Promise.all(Array.from({ length: SOCKETS }, (_, n) => cluster.token(`user-${n}`)));
  const clients = tokens.map((token, n) => ({ id: `user-${n}`, token, from: from(n) }));
  const admin = await cluster.token('root', 'admin');
  const api = new ApiClient({ baseUrl: cluster.nginxUrl, token: () => admin });
  const inspectors = await Promise.all(
    cluster.replicas.map(({ pid }, n) => Inspector.attach(pid ?? 0, inspectPorts[n] ?? 0)),
  );
  await crowd.open(cluster.nginxUrl, clients.slice(0, WARM), false);
  await crowd.close();
  await untilNone(cluster);
  const before = await Promise.all(inspectors.map((inspector) => inspector.memory()));
  const begun = now();
  const { count, refused, lastAt } = await crowd.open(cluster.nginxUrl, clients, false);
  console.log(row('weir', { established: count, of: SOCKETS, s: (lastAt - begun) / 1_000, refused }));
  const after = await Promise.all(inspectors.map((inspector) => inspector.memory()));
  const sockets = await socketsOf(cluster);
  for (const [n, { id }] of cluster.replicas.entries()) {
    const [was, is, open] = [before[n], after[n], sockets[n]];
    if (was === undefined || is === undefined || open === undefined) continue;
    console.log(
      row(`  ${id}`, { sockets: open, 'KB heap': each(was, is, open, 'heap'), 'KB rss': each(was, is, open, 'rss') }),
    );
  }
  const [warned, warning] = await notice(crowd, api, SOCKETS / 0.84, 'CAPACITY_WARNING');
  const [limited, degraded] = await notice(crowd, api, SOCKETS / 0.94, 'DEGRADED_MODE_ACTIVE');
  console.log(
    row('  notice', { 'heard by': warned, 'warning ms': warning, ' heard by': limited, 'degraded ms': degraded }),
  );
  const redis = createRedisStore({
    url: cluster.redis.url,
    prefix: 'weir:v1',
    log: createLogger({ level: 'error', fields: {} }),
  });
  await storm(
    crowd,
    cluster,
    redis.events,
    clients.map(({ id }) => id),
  ).finally(() => redis.close());
  for (const inspector of inspectors) inspector.close();
}

const inspectPorts = await Promise.all(REPLICAS.map(() => freePort()));
const crowd = new Crowd();
try {
  console.log(
    `${SOCKETS} sockets, one a user, from ${ADDRESSES} addresses; memory per socket after collections, in 1,000 bytes`,
  );
  await bare(
    crowd,
    Array.from({ length: SOCKETS }, (_, n) => ({ id: `user-${n}`, token: '', from: from(n) })),
  );
  await withCluster(
    SETTINGS,
    (cluster) => weir(crowd, cluster, inspectPorts),
    (replica) => ({ NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPorts[REPLICAS.indexOf(replica)]}` }),
  );
  console.log('wanted   all established, heap and rss ≤ 15, notice ≤ 1,000 ms, all back within 30 s, nothing missing');
} finally {
  crowd.end();
}
