import { expect } from 'chai';
import { ApiClient } from '../../../../shared/protocol/client/api-client.ts';
import { RepeatableStart } from './repeatable-start.ts';

describe('a start from the page', () => {
  it('is repeated with its key when it failed, and is another one when it was accepted or changed', async () => {
    const keys: Array<string | null> = [];
    let accepts = false;
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      keys.push(new Headers(init?.headers).get('Idempotency-Key'));
      if (!accepts) throw new TypeError('no answer');
      return Response.json({ run_id: 'r', status: 'queued', queue: null });
    };
    const starts = new RepeatableStart(new ApiClient({ baseUrl: 'http://weir.test', fetch, random: () => 0 }));
    const one = { workflow_id: 'w', payload: { n: 1 } };
    const sent = async (body: typeof one) => {
      const before = keys.length;
      await starts.start(body).catch(() => {});
      const own = new Set(keys.slice(before));
      expect(own).to.have.property('size', 1);
      return [...own][0];
    };
    const failed = await sent(one);
    const changed = await sent({ ...one, payload: { n: 2 } });
    const failedAgain = await sent(one);
    accepts = true;
    expect([await sent(one), changed === failed, failedAgain === failed]).to.deep.equal([failedAgain, false, false]);
    expect(await sent(one), 'wanted a second time').not.to.equal(failedAgain);
  });
});
