import { expect } from 'chai';
import { testRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import {
  becomes,
  down,
  OPEN_MS,
  ProbedProvider,
  ProviderCluster,
} from '../../../../tests/support/worker/provider-cluster.ts';

describe('a model provider that is open', () => {
  let cluster: ProviderCluster;

  beforeEach(async () => {
    cluster = new ProviderCluster(await testRedis(), new ProbedProvider('primary'));
  });
  afterEach(() => cluster.close());

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
    await until(() => cluster.primary.active === 1, { timeoutMs: 5_000, what: 'the probe' });
    await one.stop();
    expect(cluster.primary.active).to.equal(0);
    cluster.primary.answer = 'works';
    const three = await cluster.replica();
    await becomes(three, 'closed', 5_000);
    await becomes(two, 'closed', 5_000);
  });
});
