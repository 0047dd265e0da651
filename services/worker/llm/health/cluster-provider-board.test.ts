import { expect } from 'chai';
import { testRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import {
  becomes,
  down,
  fail,
  ProbedProvider,
  ProviderCluster,
  primaryOf,
} from '../../../../tests/support/worker/provider-cluster.ts';
import { ProviderOpen } from './provider-gate.ts';

describe('the board of model providers', () => {
  let cluster: ProviderCluster;

  beforeEach(async () => {
    cluster = new ProviderCluster(await testRedis(), new ProbedProvider('primary'));
  });
  afterEach(() => cluster.close());

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
    await until(async () => (await heard('ann')).length > 0, { timeoutMs: 5_000, what: 'the news' });
    expect(await heard('ann')).to.deep.equal(['PROVIDER_RESTORED']);
    expect(await heard('bob')).to.deep.equal([]);
  });

  it('asks the provider first that an administrator wants, on all replicas, until released', async () => {
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await cluster.store().providers.force('backup');
    for (const board of [one, two]) {
      await until(() => board.active === 'backup', { timeoutMs: 5_000, what: 'the forced provider' });
      expect(board.order().map(({ name }) => name)).to.deep.equal(['backup', 'primary']);
      expect(board.forced).to.equal('backup');
    }
    await cluster.store().providers.force(null);
    await until(() => two.active === 'primary', { timeoutMs: 5_000, what: 'the usual provider' });
  });

  it('shows operators the failures of all replicas', async () => {
    const [one, two] = [await cluster.replica(), await cluster.replica()];
    await fail(one);
    await fail(two, 'rate_limited');
    await fail(one, 'rejected');
    const failures = () => cluster.store().providers.recentFailures('primary');
    await until(async () => (await failures()).length === 2, { timeoutMs: 5_000, what: 'two failures' });
    expect((await failures()).map(({ kind }) => kind)).to.have.members(['server_error', 'rate_limited']);
  });
});
