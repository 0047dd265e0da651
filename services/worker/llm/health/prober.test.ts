import { expect } from 'chai';
import { testRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { provider } from '../../../../tests/support/worker/model-endpoint.ts';
import {
  becomes,
  down,
  ProbedProvider,
  ProviderCluster,
  primaryOf,
} from '../../../../tests/support/worker/provider-cluster.ts';
import { createSimulator } from '../../../llm-sim/simulator.ts';

describe('the probe of a model provider', () => {
  let cluster: ProviderCluster;

  beforeEach(async () => {
    // Probes that do not heed their end take long enough for what is to happen meanwhile.
    cluster = new ProviderCluster(await testRedis(), new ProbedProvider('primary'), 600);
  });
  afterEach(async () => {
    cluster.primary.release();
    await cluster.close();
  });

  const probing = () => until(() => cluster.primary.active === 1, { timeoutMs: 5_000, what: 'the probe' });
  const said = (message: string) =>
    until(() => cluster.log.lines.find((line) => line.message.startsWith(message)), {
      timeoutMs: 5_000,
      what: message,
    });

  it('is made by another replica when the one that had it is killed, and not before its time is up', async () => {
    cluster.primary.answer = 'hangs';
    const killed = await cluster.replica();
    const watching = await cluster.replica(false);
    await down(killed);
    await probing();
    await becomes(watching, 'half_open');
    // What a killed process leaves behind: nothing said, nothing given back.
    await cluster.store(0).close();
    await killed.stop();
    cluster.primary.answer = 'works';
    await cluster.replica();
    await becomes(watching, 'closed', 6_000);
    const [first = 0, second = 0] = cluster.primary.begun;
    expect(second - first, 'ms; its lease is 2,600 ms').to.be.at.least(2_000);
    expect(cluster.primary).to.include({ probes: 2, mostActive: 1 });
  }).timeout(10_000);

  it('ends in time even if the call heeds nothing', async () => {
    cluster.primary.answer = 'deaf';
    const board = await cluster.replica();
    await down(board);
    await said('model provider probed');
    cluster.primary.answer = 'works';
    await becomes(board, 'closed');
  });

  it('decides nothing when it ends after its opening', async () => {
    cluster.primary.answer = 'deaf';
    const board = await cluster.replica();
    const { providers } = cluster.store();
    const openingNow = async () => (await providers.read(['primary'])).openings.get('primary')?.no ?? 0;
    await down(board);
    await probing();
    await providers.close('primary', { no: await openingNow() });
    await becomes(board, 'closed');
    const { opening } = await providers.open('primary', { reason: 'slow', by: 'another', openMs: 60_000 });
    await becomes(board, 'open');
    cluster.primary.answer = 'works';
    cluster.primary.release();
    await said('model provider probed');
    await new Promise(setImmediate);
    expect(primaryOf(board)).to.include({ state: 'open', reason: 'slow' });
    expect(await openingNow()).to.equal(opening.no);
  });

  it('is not repeated without a pause when it finds out nothing, with Redis away too', async () => {
    cluster.primary.answer = 'fault';
    const board = await cluster.replica();
    await cluster.store().close();
    await down(board);
    await until(() => cluster.primary.probes >= 2, { timeoutMs: 5_000, what: 'a second probe' });
    const [first = 0, second = 0] = cluster.primary.begun;
    expect(second - first).to.be.at.least(900);
  });

  it('says as an error that the key is refused, whatever had opened', async () => {
    cluster.primary.answer = 'unauthorized';
    await down(await cluster.replica());
    const line = await said('model provider probed');
    expect(line).to.include({ level: 'error' });
    expect(line.message).to.include('somebody has to look at its key');
  });
});

describe('the probe of a model provider that is down', () => {
  it('is one call at a time for three replicas, and no user’s', async () => {
    const simulator = createSimulator({ first_token_ms: 20, tokens_per_second: 0, tokens: 4, outage_ms: 700 });
    await simulator.start();
    const simulated = simulator.provider('default');
    const cluster = new ProviderCluster(await testRedis(), provider(simulator.url), 1_000);
    try {
      const boards = [await cluster.replica(), await cluster.replica(), await cluster.replica()] as const;
      simulated.control({ mode: 'outage' });
      await down(boards[0]);
      await Promise.all(boards.map((board) => becomes(board, 'open')));
      await Promise.all(boards.map((board) => becomes(board, 'closed', 5_000)));
      expect(simulated.stats.most_active).to.equal(1);
      expect(simulated.seen.length).to.be.within(2, 6);
      for (const { correlation_id } of simulated.seen) expect(correlation_id).to.match(/^probe-r[123]:/);
    } finally {
      await cluster.close();
      await simulator.stop();
    }
  }).timeout(10_000);
});
