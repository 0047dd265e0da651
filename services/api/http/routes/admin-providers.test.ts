import { expect } from 'chai';
import { providersAnswerSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import type { ModelsView, ProviderView } from '../models-view.ts';

const PATH = '/api/v1/admin/providers';

describe('/api/v1/admin/providers', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let admin: string;

  const standing = (name: 'primary' | 'backup', but: Partial<ProviderView> = {}): ProviderView => {
    return { name, role: name, state: 'closed', since: null, reason: null, nextProbeAt: null, active: false, ...but };
  };
  /** What the worker's board would say, as it hears it from Redis. */
  const models = (): ModelsView => {
    let forced: string | null = null;
    const handlers = new Set<() => void>();
    const look = async () => {
      forced = (await cluster.redis.providers.read([])).forced;
      for (const handler of handlers) handler();
    };
    cluster.redis.channels.onProviders(() => void look());
    return {
      board: {
        active: 'backup',
        activeSince: new Date(60_000),
        get forced() {
          return forced;
        },
        standings: () => [
          standing('primary', {
            state: 'open',
            since: new Date(60_000),
            reason: 'slow',
            nextProbeAt: new Date(120_000),
          }),
          standing('backup', { active: true }),
        ],
        onChange: (handler) => {
          handlers.add(handler);
          return () => void handlers.delete(handler);
        },
      },
      configured: [
        { name: 'primary', endpoint: 'api.example.com', model: 'big', largeModel: 'bigger' },
        { name: 'backup', endpoint: 'other.example.com', model: 'small', largeModel: null },
      ],
    };
  };

  beforeEach(async () => {
    cluster = await apiCluster();
    replica = await cluster.addReplica({ models: models() });
    admin = await token('root', 'admin');
  });
  afterEach(() => cluster.close());

  const patch = (body: unknown, who = admin) => replica.http('PATCH', PATH, { token: who, body });

  it('shows who answers, how each stands and why, and what has failed lately', async () => {
    await cluster.redis.providers.noteFailure('primary', { at: Date.now(), kind: 'slow', status: null, replica: 'r2' });
    const answer = providersAnswerSchema.parse((await replica.http('GET', PATH, { token: admin })).body);
    expect(answer).to.include({ active: 'backup', active_since: '1970-01-01T00:01:00.000Z', forced: null });
    const [primary, backup] = answer.providers;
    expect(primary).to.include({
      name: 'primary',
      endpoint: 'api.example.com',
      model: 'big',
      large_model: 'bigger',
      state: 'open',
      reason: 'slow',
      next_probe_at: '1970-01-01T00:02:00.000Z',
      active: false,
    });
    expect(primary?.recent_failures[0]).to.include({ kind: 'slow', status: null, replica: 'r2' });
    expect(backup).to.deep.include({ active: true, state: 'closed', large_model: null, recent_failures: [] });
  });

  it('forces a provider for all replicas and releases it, and answers when that is in force', async () => {
    expect((await patch({ forced: 'backup' })).body.forced).to.equal('backup');
    expect((await cluster.redis.providers.read([])).forced).to.equal('backup');
    expect((await patch({ forced: null })).body.forced).to.equal(null);
    expect(replica.log.lines.filter(({ message }) => message === 'model provider forced')).to.have.length(2);
  });

  it('refuses a provider that does not exist, naming those that do, and bodies that say nothing', async () => {
    const unknown = await patch({ forced: 'other' });
    expect(unknown.body).to.include({ status: 400, code: 'validation_failed' });
    expect(unknown.body.errors[0].message).to.contain('primary, backup');
    for (const body of [{}, { force: 'backup' }, { forced: 1 }]) expect((await patch(body)).status).to.equal(400);
    expect((await cluster.redis.providers.read([])).forced).to.equal(null);
  });

  it('is for admins only, to read and to change', async () => {
    const user = await token('ann');
    expect((await replica.http('GET', PATH, { token: user })).status).to.equal(403);
    expect((await patch({ forced: 'backup' }, user)).status).to.equal(403);
    expect((await replica.http('GET', PATH)).status).to.equal(401);
  });

  it('shows every user on the status page which one answers', async () => {
    const { body } = await replica.http('GET', '/api/v1/system/status');
    expect(body.providers).to.deep.equal([
      { name: 'primary', role: 'primary', status: 'down', active: false, since: '1970-01-01T00:01:00.000Z' },
      { name: 'backup', role: 'backup', status: 'operational', active: true, since: null },
    ]);
  });
});
