import { expect } from 'chai';
import { ApiPair } from '../../../../tests/support/api/api-pair.ts';

describe('POST /api/v1/trigger with Idempotency-Key', () => {
  let pair: ApiPair;

  beforeEach(async () => {
    pair = await ApiPair.open({ limits: { max_workflows: 2 } });
  });
  afterEach(() => pair.close());

  const key = { 'Idempotency-Key': 'k-1' };

  it('answers the same request with the same run, also on another replica and with its keys in another order', async () => {
    const first = await pair.start(pair.one, 'ann', { payload: { a: 1, b: 2 } }, key);
    expect(first.headers).not.to.have.property('idempotency-replayed');
    const again = await pair.start(pair.two, 'ann', { payload: { b: 2, a: 1 }, priority: 'normal' }, key);
    expect([again.status, again.body.run_id]).to.deep.equal([202, first.body.run_id]);
    expect(again.headers['idempotency-replayed']).to.equal('true');
    expect(await pair.stored()).to.have.length(1);
  });

  it('makes one run of a request that is sent many times at once to two replicas', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        pair.start(index % 2 ? pair.one : pair.two, 'ann', { payload: { n: 1 } }, key),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.run_id)).size).to.equal(1);
    expect(await pair.stored()).to.have.length(1);
  });

  it('refuses another request under the same key, and lets another user have the same key', async () => {
    await pair.start(pair.one, 'ann', { payload: { n: 1 } }, key);
    const other = await pair.start(pair.two, 'ann', { payload: { n: 2 } }, key);
    expect(other.body).to.include({ status: 422, code: 'idempotency_key_reused' });
    expect((await pair.start(pair.two, 'bob', { payload: { n: 2 } }, key)).status).to.equal(202);
  });

  it('shows where the run stands now', async () => {
    for (let index = 0; index < 3; index++) await pair.start(pair.one, 'bob');
    await pair.start(pair.one, 'ann', {}, key);
    expect((await pair.start(pair.two, 'ann', {}, key)).body.queue.position).to.equal(2);
  });
});
