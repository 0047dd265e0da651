import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../../../redis/store.ts';
import { createMetrics } from '../../../../shared/observability/metrics.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis, testRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { ModelAnswer, ModelCall, ModelProvider } from '../provider.ts';
import { ClusterProviderBoard } from './cluster-provider-board.ts';
import { ProviderOpen } from './provider-gate.ts';

const OPEN_MS = 150;
const PROBE_TIMEOUT_MS = 200;

/** A provider that answers probes as the test says; what users ask goes through the gates without it. */
class ProbedProvider implements ModelProvider {
  readonly hasLargeModel = false;
  answer: 'works' | ModelFailureKind | 'hangs' = 'works';
  probes = 0;
  active = 0;
  mostActive = 0;
  /** When each probe came (monotonic, ms). */
  readonly begun: number[] = [];

  constructor(readonly name: string) {}

  async complete(_request: unknown, { signal }: ModelCall): Promise<ModelAnswer> {
    this.probes += 1;
    this.begun.push(performance.now());
    this.mostActive = Math.max(this.mostActive, ++this.active);
    try {
      // Long enough for others to come in between, if they could.
      const hang = this.answer === 'hangs' ? 60_000 : 20;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, hang);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
      if (this.answer !== 'works' && this.answer !== 'hangs') throw new ModelFailure(this.answer);
      return { text: 'OK', provider: this.name, model: 'm', finishReason: 'stop', usage: null };
    } finally {
      this.active -= 1;
    }
  }
}

class Cluster {
  readonly primary = new ProbedProvider('primary');
  readonly backup = new ProbedProvider('backup');
  readonly stores: RedisStore[] = [];
  readonly boards: ClusterProviderBoard[] = [];
  readonly log = recordedLog();

  constructor(private readonly redis: { url: string; prefix: string }) {}

  async replica(probes = true): Promise<ClusterProviderBoard> {
    const store = createRedisStore({ ...this.redis, log: recordedLog() });
    this.stores.push(store);
    await store.connections.ready();
    const board = new ClusterProviderBoard({
      replica: `r${this.boards.length + 1}`,
      providers: [
        { role: 'primary', provider: this.primary },
        { role: 'backup', provider: this.backup },
      ],
      store: store.providers,
      channels: store.channels,
      events: store.events,
      openMs: OPEN_MS,
      probeTimeoutMs: PROBE_TIMEOUT_MS,
      probes,
      metrics: createMetrics().llm,
      log: this.log,
    });
    this.boards.push(board);
    await board.start();
    return board;
  }

  store(index = 0): RedisStore {
    const store = this.stores[index];
    if (store === undefined) throw new Error('no replica yet');
    return store;
  }

  async close(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.stop()));
    await Promise.all(this.stores.map((store) => store.close()));
  }
}

const primaryOf = (board: ClusterProviderBoard) => {
  const [standing] = board.standings();
  if (standing === undefined) throw new Error('no provider');
  return standing;
};
const gateOf = (board: ClusterProviderBoard, name = 'primary') => {
  const gate = board.order().find((candidate) => candidate.name === name);
  if (gate === undefined) throw new Error('no gate');
  return gate;
};
const fail = (board: ClusterProviderBoard, kind: ModelFailureKind = 'server_error') =>
  gateOf(board)
    .execute(() => Promise.reject(new ModelFailure(kind, { status: 500 })))
    .catch((error: unknown) => error);
const becomes = (board: ClusterProviderBoard, state: string, timeoutMs = 3_000) =>
  until(() => primaryOf(board).state === state, { timeoutMs, what: `the primary to be ${state}` });
const down = async (board: ClusterProviderBoard) => {
  for (let call = 0; call < 3; call++) await fail(board);
};

describe('the board of model providers', () => {
  let redis: Awaited<ReturnType<typeof testRedis>>;
  let cluster: Cluster;

  beforeEach(async () => {
    redis = await testRedis();
    cluster = new Cluster(redis);
  });
  afterEach(async () => {
    await cluster.close();
    await redis.close();
  });

  it('opens on all replicas when one has seen three failures in a row', async () => {
    cluster.primary.answer = 'server_error';
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await fail(one);
    await fail(one);
    expect([one.active, two.active]).to.deep.equal(['primary', 'primary']);
    const started = Date.now();
    await fail(one);
    expect(one.active).to.equal('backup');
    await becomes(two, 'open');
    expect(two.active).to.equal('backup');
    expect(two.activeSince?.getTime()).to.be.at.least(started - 1);
    expect(primaryOf(two)).to.include({ reason: 'server_error', active: false });
    expect(await fail(two)).to.be.instanceOf(ProviderOpen);
  });

  it('is told what is open when a replica joins later', async () => {
    cluster.primary.answer = 'server_error';
    await down(await cluster.replica());
    const late = await cluster.replica();
    expect(primaryOf(late).state).to.not.equal('closed');
    expect(late.active).to.equal('backup');
  });

  it('opens at once for credentials that are refused, and says so as an error', async () => {
    cluster.primary.answer = 'unauthorized';
    const board = await cluster.replica();
    await fail(board, 'unauthorized');
    expect(board.active).to.equal('backup');
    expect(cluster.log.lines.filter(({ level }) => level === 'error')).to.have.length(1);
  });

  it('opens at once for an answer that does not begin, but not if others were answered meanwhile', async () => {
    const board = await cluster.replica();
    const gate = gateOf(board);
    const slow = () => {
      let end = () => {};
      const call = gate
        .execute(() => new Promise((_, reject) => (end = () => reject(new ModelFailure('slow')))))
        .catch(() => undefined);
      return { call, end: () => end() };
    };
    const heavyPrompt = slow();
    await new Promise(setImmediate);
    await gate.execute(async (onAlive) => onAlive());
    heavyPrompt.end();
    await heavyPrompt.call;
    expect(gate.closed).to.equal(true);

    cluster.primary.answer = 'hangs';
    const hung = slow();
    await new Promise(setImmediate);
    const { whileClosed } = gate;
    hung.end();
    await hung.call;
    expect(gate.closed).to.equal(false);
    expect(whileClosed.aborted).to.equal(true);
  });

  it('takes a refused request for a sign of life, and an abort of ours for nothing', async () => {
    const board = await cluster.replica();
    const abort = () =>
      gateOf(board)
        .execute(() => Promise.reject(new Error('aborted')))
        .catch(() => undefined);
    await fail(board);
    await fail(board);
    await fail(board, 'rejected');
    await fail(board);
    await abort();
    await fail(board);
    await abort();
    expect(board.active).to.equal('primary');
    await fail(board);
    expect(board.active).to.equal('backup');
  });

  it('does not open for a slow call from before it opened and closed again', async () => {
    const board = await cluster.replica();
    let end = () => {};
    const late = gateOf(board)
      .execute(() => new Promise((_, reject) => (end = () => reject(new ModelFailure('slow')))))
      .catch(() => undefined);
    await new Promise(setImmediate);
    await down(board);
    await becomes(board, 'open');
    await becomes(board, 'closed');
    end();
    await late;
    expect(board.active).to.equal('primary');
  });

  it('sends one probe for all replicas when the time is due, and goes back to the primary', async () => {
    const boards = [await cluster.replica(), await cluster.replica(), await cluster.replica()] as const;
    await down(boards[0]);
    await Promise.all(boards.map((board) => becomes(board, 'open')));
    await Promise.all(boards.map((board) => becomes(board, 'closed')));
    expect(boards.map((board) => board.active)).to.deep.equal(['primary', 'primary', 'primary']);
    expect(cluster.primary).to.include({ probes: 1, mostActive: 1 });
  });

  it('leaves the provider alone for another period when the probe fails', async () => {
    cluster.primary.answer = 'server_error';
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await down(one);
    await until(() => cluster.primary.probes >= 3, { timeoutMs: 5_000, what: 'three probes' });
    expect(cluster.primary.mostActive).to.equal(1);
    const [first = 0, second = 0] = cluster.primary.begun;
    expect(second - first).to.be.at.least(OPEN_MS - 5);
    expect([one.active, two.active]).to.deep.equal(['backup', 'backup']);
    cluster.primary.answer = 'works';
    await becomes(one, 'closed');
    await becomes(two, 'closed');
  });

  it('takes a refusal of the probe’s request for a sign of life', async () => {
    cluster.primary.answer = 'rejected';
    const board = await cluster.replica();
    await down(board);
    await becomes(board, 'open');
    await becomes(board, 'closed');
  });

  it('is not wedged by a probe that hangs', async () => {
    cluster.primary.answer = 'hangs';
    const board = await cluster.replica();
    await down(board);
    await until(() => cluster.primary.probes >= 2, { timeoutMs: 5_000, what: 'a second probe' });
    cluster.primary.answer = 'works';
    await becomes(board, 'closed', 5_000);
  });

  it('is probed by another replica when the prober stops in mid-probe', async () => {
    cluster.primary.answer = 'hangs';
    const one = await cluster.replica();
    const two = await cluster.replica(false);
    await down(one);
    await until(() => cluster.primary.active === 1, { timeoutMs: 3_000, what: 'the probe' });
    await one.stop();
    expect(cluster.primary.active).to.equal(0);
    cluster.primary.answer = 'works';
    const three = await cluster.replica();
    await becomes(three, 'closed', 5_000);
    await becomes(two, 'closed', 5_000);
  });

  it('does not believe an answer from before it opened', async () => {
    cluster.primary.answer = 'server_error';
    const board = await cluster.replica();
    let release: (value: string) => void = () => {};
    const late = gateOf(board).execute(() => new Promise<string>((resolve) => (release = resolve)));
    await new Promise(setImmediate);
    await down(board);
    release('late');
    expect(await late).to.equal('late');
    expect(primaryOf(board).state).to.not.equal('closed');
  });

  it('tells those who were switched, and nobody else, that the usual provider is back', async () => {
    const [one] = [await cluster.replica(), await cluster.replica()];
    const { events, providers } = cluster.store();
    for (const user of ['ann', 'bob']) await events.open(user, 'epoch');
    await providers.noteSwitched('ann');
    await down(one);
    await becomes(one, 'open');
    expect(await events.history('ann', 0)).to.deep.equal([]);
    await becomes(one, 'closed');
    const heard = async (user: string) => (await events.history(user, 0)).map(({ type }) => type);
    await until(async () => (await heard('ann')).length > 0, { timeoutMs: 2_000, what: 'the news' });
    expect(await heard('ann')).to.deep.equal(['PROVIDER_RESTORED']);
    expect(await heard('bob')).to.deep.equal([]);
  });

  it('asks the provider first that an administrator wants, on all replicas, until released', async () => {
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await cluster.store().providers.force('backup');
    for (const board of [one, two]) {
      await until(() => board.active === 'backup', { timeoutMs: 2_000, what: 'the forced provider' });
      expect(board.order().map(({ name }) => name)).to.deep.equal(['backup', 'primary']);
      expect(board.forced).to.equal('backup');
    }
    await cluster.store().providers.force(null);
    await until(() => two.active === 'primary', { timeoutMs: 2_000, what: 'the usual provider' });
  });

  it('shows operators the failures of all replicas', async () => {
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await fail(one);
    await fail(two, 'rate_limited');
    await fail(one, 'rejected');
    const failures = () => cluster.store().providers.recentFailures('primary');
    await until(async () => (await failures()).length === 2, { timeoutMs: 2_000, what: 'two failures' });
    expect((await failures()).map(({ kind }) => kind)).to.have.members(['server_error', 'rate_limited']);
  });
});

describe('the board of model providers without Redis', () => {
  let redis: PrivateRedis;
  let cluster: Cluster;

  beforeEach(async () => {
    redis = await startRedis();
    cluster = new Cluster({ url: redis.url, prefix: 'test' });
  });
  afterEach(async () => {
    await cluster.close();
    await redis.stop();
  });

  it('opens, probes and closes alone', async () => {
    const board = await cluster.replica();
    await redis.stop();
    await down(board);
    expect(board.active).to.equal('backup');
    await becomes(board, 'closed', 8_000);
    expect(cluster.primary.probes).to.equal(1);
    await redis.start();
  }).timeout(20_000);

  it('closes for the cluster, when Redis is back, what it found to work meanwhile', async () => {
    const board = await cluster.replica();
    await down(board);
    await until(async () => (await cluster.store().providers.read(['primary'])).openings.size === 1, {
      timeoutMs: 2_000,
      what: 'the shared opening',
    });
    await redis.stop();
    await becomes(board, 'closed', 8_000);
    await redis.start();
    await until(async () => (await cluster.store().providers.read(['primary'])).openings.size === 0, {
      timeoutMs: 10_000,
      what: 'the end of the shared opening',
    });
    expect(board.active).to.equal('primary');
  }).timeout(30_000);

  it('shares what it opened alone when Redis is back', async () => {
    cluster.primary.answer = 'server_error';
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await redis.stop();
    await down(one);
    expect(two.active).to.equal('primary');
    await redis.start();
    await until(() => two.active === 'backup', { timeoutMs: 10_000, what: 'the news on the other replica' });
    cluster.primary.answer = 'works';
    await becomes(one, 'closed', 8_000);
    await becomes(two, 'closed', 8_000);
  }).timeout(30_000);
});
