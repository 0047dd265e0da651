/**
 * POST /trigger through Nginx and three replicas (authenticated, durable) beside a bare Express JSON echo through the same Nginx
 * configuration. Rounds alternate; what counts is the ratio. `node --import tsx loadtests/bench/trigger.ts [rounds] [seconds]`.
 */
import autocannon from 'autocannon';
import { UNBOUNDED, withCluster, withEcho } from './bench-cluster.ts';
import { median, row } from './figures.ts';

const [ROUNDS = 3, SECONDS = 8] = process.argv.slice(2).map(Number);
const CONNECTIONS = 200;
const USERS = 25;

interface Round {
  perSecond: number;
  p50: number;
  p99: number;
  failed: number;
}

async function load(url: string, requests: autocannon.Request[], duration: number): Promise<Round> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration, requests });
  const failed = result.non2xx + result.errors + result.timeouts;
  return { perSecond: result['2xx'] / result.duration, p50: result.latency.p50, p99: result.latency.p99, failed };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

await withEcho(3, (echoUrl) =>
  withCluster({ ...UNBOUNDED, WEIR_LOG_LEVEL: 'info' }, async (cluster) => {
    const admin = { ...JSON_HEADERS, authorization: `Bearer ${await cluster.token('bench', 'admin')}` };
    const definition = { name: 'bench', steps: [{ name: 'wait', type: 'delay', config: { duration: 3600 } }] };
    const created = await fetch(`${cluster.nginxUrl}/api/v1/workflows`, {
      method: 'POST',
      headers: admin,
      body: JSON.stringify(definition),
    });
    const { id } = (await created.json()) as { id: string };
    const body = JSON.stringify({ workflow_id: id, payload: { question: 'how fast?' } });
    const requests: autocannon.Request[] = [];
    for (let user = 0; user < USERS; user++) {
      const headers = { ...JSON_HEADERS, authorization: `Bearer ${await cluster.token(`user-${user}`, 'user')}` };
      requests.push({ method: 'POST', path: '/api/v1/trigger', headers, body });
    }
    const sides = { echo: [] as Round[], weir: [] as Round[] };
    await load(echoUrl, requests, 2);
    await load(cluster.nginxUrl, requests, 2);
    for (let round = 0; round < ROUNDS; round++) {
      sides.echo.push(await load(echoUrl, requests, SECONDS));
      sides.weir.push(await load(cluster.nginxUrl, requests, SECONDS));
    }
    const of = (side: Round[], key: keyof Round) => median(side.map((result) => result[key]));
    console.log(
      `POST /trigger, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s each, alternating; medians`,
    );
    for (const [name, side] of Object.entries(sides)) {
      console.log(
        row(name, {
          'req/s': of(side, 'perSecond'),
          'p50 ms': of(side, 'p50'),
          'p99 ms': of(side, 'p99'),
          failed: of(side, 'failed'),
        }),
      );
    }
    const ratios = sides.weir.map((result, round) => result.perSecond / (sides.echo[round]?.perSecond ?? Number.NaN));
    const tails = sides.weir.map((result, round) => result.p99 / (sides.echo[round]?.p99 ?? Number.NaN));
    console.log(row('ratio', { throughput: median(ratios), p99: median(tails) }));
    console.log('wanted   throughput ≥ 0.55 (aim 0.7), p99 ≤ 2.5');
  }),
);
