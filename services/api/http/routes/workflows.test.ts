import { expect } from 'chai';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';

const definition = (name: string) => ({
  name,
  description: 'Says hello',
  steps: [
    { name: 'wait', type: 'delay', config: { duration: 0.5 } },
    { name: 'ask', type: 'llm', config: { prompt: 'Greet {{payload.who}}', temperature: 0 } },
    { name: 'tell', type: 'webhook', config: { url: 'https://example.com/x', body: { text: '{{steps.ask.output}}' } } },
  ],
});

describe('/api/v1/workflows', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let ann: string;

  before(async () => {
    cluster = await apiCluster();
    replica = await cluster.addReplica();
    ann = await token('ann');
  });
  after(() => cluster.close());

  const create = (body: unknown) => replica.http('POST', '/api/v1/workflows', { token: ann, body });

  it('stores a definition and gives it back as it was', async () => {
    const created = await create(definition('hello'));
    expect(created.status).to.equal(201);
    expect(created.headers.location).to.equal(`/api/v1/workflows/${created.body.id}`);
    expect(created.body).to.deep.include({ ...definition('hello'), created_by: 'ann' });
    const read = await replica.http('GET', `/api/v1/workflows/${created.body.id}`, { token: await token('bob') });
    expect(read.body).to.deep.equal(created.body);
  });

  it('has no description when none was sent', async () => {
    const { description: _, ...without } = definition('plain');
    expect((await create(without)).body.description).to.equal(null);
  });

  it('refuses a bad definition with the place of every fault', async () => {
    const steps = [
      { name: 'a', type: 'delay', config: { duration: -1 } },
      { name: 'a', type: 'nap', config: {} },
    ];
    const refused = await create({ name: '', steps, owner: 'ann' });
    expect(refused.status).to.equal(400);
    expect(refused.body.errors.map((error: { path: string }) => error.path)).to.have.members([
      'name',
      'steps.0.config.duration',
      'steps.1.type',
      'owner',
    ]);
  });

  it('knows no other id, and no id that is none', async () => {
    const path = '/api/v1/workflows/00000000-0000-4000-8000-000000000000';
    expect((await replica.http('GET', path, { token: ann })).body).to.include({ code: 'workflow_not_found' });
    const bad = await replica.http('GET', '/api/v1/workflows/7', { token: ann });
    expect(bad.body.errors[0].path).to.equal('id');
  });

  it('wants a token', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/workflows'],
      ['POST', '/api/v1/workflows'],
    ] as const) {
      expect((await replica.http(method, path)).body).to.include({ status: 401, code: 'unauthenticated' });
    }
  });

  it('lists newest first, in pages that do not move while definitions arrive', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    for (const name of names) await create(definition(name));
    const page = async (query: string) =>
      (await replica.http('GET', `/api/v1/workflows?${query}`, { token: ann })).body;
    const first = await page('limit=2');
    await create(definition('late'));
    const second = await page(`limit=2&cursor=${first.next_cursor}`);
    const seen = [...first.items, ...second.items].map((item: { name: string }) => item.name);
    expect(seen).to.deep.equal(['five', 'four', 'three', 'two']);
  });
});
