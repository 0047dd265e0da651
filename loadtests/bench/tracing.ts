/**
 * What tracing costs: two clusters of one replica each, one with and one without, take short turns in the same run. Counted is the processor
 * time of the replica (its own `process_cpu_seconds_total`, from the first turn of a block to the last, so that what waits for the exporter
 * belongs to it), per start (POST /trigger alone; every run waits) and per run (from the start to its end, a model call and the events to
 * a socket included). Wall-clock time would say little on a machine with other work.
 *
 * `node --import tsx loadtests/bench/tracing.ts [blocks] [turns a block] [ratio]`
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import WebSocket from 'ws';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { LiveConnection } from '../../shared/protocol/client/live-connection.ts';
import { UNBOUNDED, withCluster } from './bench-cluster.ts';
import { median, row } from './figures.ts';

const [BLOCKS = 7, TURNS = 10, RATIO = 0.1] = process.argv.slice(2).map(Number);
const STARTS_A_TURN = 300;
const RUNS_A_TURN = 40;
const CONNECTIONS = 20;
/** Longer than spans wait for the exporter (ms). */
const EXPORT_MS = 1_500;
/** Room for all runs of a turn: nobody waits in the queue, which would cost more than the rest. */
const SETTINGS = { ...UNBOUNDED, WEIR_LOG_LEVEL: 'info', WEIR_MAX_WORKFLOWS: String(2 * RUNS_A_TURN) };

/** One of the two clusters. */
class Side {
  /** Runs of which the socket has heard the end. */
  private ended = 0;
  private readonly live: LiveConnection;

  private constructor(
    private readonly replica: LocalCluster['replicas'][number],
    private readonly token: string,
    private readonly api: ApiClient,
    private readonly workflowId: string,
  ) {
    this.live = new LiveConnection({ endpoint: bearerEndpoint(replica.url, async () => token), WebSocket });
    this.live.onFrame(({ type }) => {
      if (type === 'WORKFLOW_COMPLETED' || type === 'WORKFLOW_FAILED') this.ended += 1;
    });
    this.live.start();
  }

  static async open(cluster: LocalCluster): Promise<Side> {
    const settings = JSON.stringify({ first_token_ms: 0, tokens_per_second: 0, tokens: 30 });
    await fetch(`${cluster.simulator.url}/control`, { method: 'PUT', body: settings });
    const [replica] = cluster.replicas;
    if (replica === undefined) throw new Error('a cluster without a replica');
    const token = await cluster.token('bench', 'admin');
    const api = new ApiClient({ baseUrl: replica.url, token: async () => token });
    const ask = { name: 'ask', type: 'llm' as const, config: { prompt: 'Say hello' } };
    const { id } = await api.createWorkflow({ name: 'asks', steps: [ask] });
    return new Side(replica, token, api, id);
  }

  /** Resolves to the number that were accepted: on a machine with other work some are refused, on either side. */
  async start(amount: number): Promise<number> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.token}` };
    const body = JSON.stringify({ workflow_id: this.workflowId, payload: { question: 'how fast?' } });
    const request = { method: 'POST' as const, path: '/api/v1/trigger', headers, body };
    const result = await autocannon({ url: this.replica.url, connections: CONNECTIONS, amount, requests: [request] });
    return result['2xx'];
  }

  async runThrough(amount: number): Promise<number> {
    const before = this.ended;
    const accepted = await this.start(amount);
    while (this.ended < before + accepted) await new Promise((resolve) => setTimeout(resolve, 10));
    return accepted;
  }

  /** From now on every run waits, and nobody listens. */
  async hold(): Promise<void> {
    await this.live.stop();
    await this.api.patchCapacity({ max_workflows: 0 });
  }

  /** Processor time so far (s). */
  async cpu(): Promise<number> {
    const page = await (await fetch(`${this.replica.internalUrl}/metrics`)).text();
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(page)?.[1]);
  }
}

type Sides = Readonly<Record<'off' | 'on', Side>>;
type Costs = Record<'off' | 'on', number>;

/** Processor time of each side (µs) per piece of work, in turns, also who begins. */
async function block(sides: Sides, work: (side: Side) => Promise<number>): Promise<Costs> {
  const read = async () => ({ off: await sides.off.cpu(), on: await sides.on.cpu() });
  const done = { off: 0, on: 0 };
  const before = await read();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const side of turn % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const))
      done[side] += await work(sides[side]);
  }
  await new Promise((resolve) => setTimeout(resolve, EXPORT_MS));
  const after = await read();
  const cost = (side: 'off' | 'on') => ((after[side] - before[side]) * 1e6) / done[side];
  return { off: cost('off'), on: cost('on') };
}

async function phase(what: string, sides: Sides, work: (side: Side) => Promise<number>): Promise<void> {
  // Compiles.
  await block(sides, work);
  const costs: Costs[] = [];
  for (let n = 0; n < BLOCKS; n++) costs.push(await block(sides, work));
  const ratios = costs.map(({ off, on }) => on / off);
  const sum = (side: 'off' | 'on') => costs.reduce((total, cost) => total + cost[side], 0);
  console.log(
    row(what, {
      'µs off': median(costs.map(({ off }) => off)),
      'µs on': median(costs.map(({ on }) => on)),
      'ratio of all': sum('on') / sum('off'),
      median: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
    }),
  );
}

/** Takes what comes and counts it. */
async function withReceiver(work: (endpoint: string, receivedBytes: () => number) => Promise<void>): Promise<void> {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => bytes);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const cluster = (settings: Record<string, string>, work: (cluster: LocalCluster) => Promise<void>) =>
  withCluster(settings, work, () => ({}), 1);

await withReceiver((endpoint, receivedBytes) =>
  cluster(SETTINGS, (without) => {
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, WEIR_TRACE_SAMPLE_RATIO: String(RATIO) };
    return cluster({ ...SETTINGS, ...tracing }, async (traced) => {
      const sides = { off: await Side.open(without), on: await Side.open(traced) };
      console.log(`tracing at ratio ${RATIO}, ${BLOCKS} blocks of ${TURNS} turns; processor time of the replica`);
      await phase('runs', sides, (side) => side.runThrough(RUNS_A_TURN));
      await Promise.all([sides.off.hold(), sides.on.hold()]);
      await phase('starts', sides, (side) => side.start(STARTS_A_TURN));
      console.log(`received ${(receivedBytes() / 1e6).toFixed(1)} MB; wanted: ratio below 1.05`);
    });
  }),
);
