import { expect } from 'chai';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../../tests/support/api/store-workflow.ts';

describe('GET /api/v1/queue', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let tokens: Record<'ann' | 'bob' | 'root', string>;
  const ids: string[] = [];

  before(async () => {
    cluster = await apiCluster({ limits: { max_workflows: 0 } });
    replica = await cluster.addReplica();
    tokens = { ann: await token('ann'), bob: await token('bob'), root: await token('root', 'admin') };
    const workflowId = await storeWorkflow(replica, 'nap');
    const starts = [['ann'], ['bob'], ['ann'], ['bob', 'high'], ['ann', 'low']] as const;
    for (const [user, priority = 'normal'] of starts) {
      const body = { workflow_id: workflowId, priority };
      ids.push((await replica.http('POST', '/api/v1/trigger', { token: tokens[user], body })).body.run_id);
    }
  });
  after(() => cluster.close());

  const read = async (user: keyof typeof tokens, query = '') =>
    (await replica.http('GET', `/api/v1/queue${query}`, { token: tokens[user] })).body;
  const places = (body: { items: Array<{ run_id: string; position: number }> }) =>
    body.items.map((item) => [ids.indexOf(item.run_id), item.position]);

  it('shows a user the own places, in order, and how many wait in all', async () => {
    const ann = await read('ann');
    expect(ann.length).to.equal(5);
    expect(places(ann)).to.deep.equal([
      [0, 2],
      [2, 4],
      [4, 5],
    ]);
    expect(ann.items[0]).to.deep.include({
      user_id: 'ann',
      workflow_name: 'nap',
      priority: 'normal',
      estimated_wait_seconds: null,
    });
    expect(places(await read('bob'))).to.deep.equal([
      [3, 1],
      [1, 3],
    ]);
  });

  it('shows an admin everything, in order', async () => {
    expect(places(await read('root'))).to.deep.equal([
      [3, 1],
      [0, 2],
      [1, 3],
      [2, 4],
      [4, 5],
    ]);
  });

  it('goes page by page', async () => {
    const first = await read('root', '?limit=3');
    expect(places(first)).to.deep.equal([
      [3, 1],
      [0, 2],
      [1, 3],
    ]);
    const second = await read('root', `?limit=3&cursor=${first.next_cursor}`);
    expect(places(second)).to.deep.equal([
      [2, 4],
      [4, 5],
    ]);
    expect(second.next_cursor).to.equal(null);
    const own = await read('ann', '?limit=2');
    expect(places(await read('ann', `?limit=2&cursor=${own.next_cursor}`))).to.deep.equal([[4, 5]]);
  });

  it('refuses a cursor it has not given out', async () => {
    expect((await read('ann', '?cursor=x')).code).to.equal('invalid_cursor');
  });
});
