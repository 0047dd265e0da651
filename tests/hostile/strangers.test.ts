import { expect } from 'chai';
import { ChatStage } from '../support/api/chat-stage.ts';
import type { HttpAnswer } from '../support/api/http-client.ts';
import { failRun } from '../support/api/work-run.ts';
import { readOperations } from './fuzz/operations.ts';

const NOWHERE = '00000000-0000-4000-8000-000000000000';
/** A good value of every field of every body about a run. */
const VALUES: Record<string, unknown> = { client_message_id: 'one', text: 'hello', user_id: 'cleo', priority: 'high' };

/**
 * Somebody who has come by the id of another's run learns nothing by it, on any route of the document that takes one: what they are told
 * is what they would be told of a run that does not exist.
 */
describe('the id of a run in the hands of a stranger', () => {
  const { operations } = readOperations();
  const aboutRuns = operations.filter(({ path, access }) => path.startsWith('/api/v1/runs/{id}') && access === 'user');
  let stage: ChatStage;

  before(async () => {
    stage = await ChatStage.open();
  });
  after(() => stage.close());

  /** An answer without what is different in each. */
  function told({ status, headers, body }: HttpAnswer, id: string): unknown {
    const own = { ...headers };
    for (const name of ['date', 'x-correlation-id', 'x-replica', 'keep-alive']) delete own[name];
    return {
      status,
      headers: own,
      body: JSON.parse(JSON.stringify({ ...body, correlation_id: '' }).replaceAll(id, '')),
    };
  }

  function bodyFor(properties: Record<string, unknown>): Record<string, unknown> {
    for (const name of Object.keys(properties))
      expect(VALUES, 'a good value for each field of a body').to.have.property(name);
    return Object.fromEntries(Object.keys(properties).map((name) => [name, VALUES[name]]));
  }

  for (const { method, path, body } of aboutRuns) {
    it(`${method} ${path} says no more than of a run that does not exist`, async () => {
      const failed = await stage.start('ann');
      await failRun(stage.one.database, failed, 'for the test');
      const sent = body === null ? undefined : bodyFor(body.properties ?? {});
      const ask = (id: string) => stage.call('eve', method, path.replace('{id}', id), sent);
      const ofNothing = await ask(NOWHERE);
      expect(ofNothing.body).to.include({ status: 404, code: 'run_not_found' });
      for (const id of [stage.runId, failed, stage.runId.toUpperCase()])
        expect(told(await ask(id), id)).to.deep.equal(told(ofNothing, NOWHERE));
    });
  }

  it('is not in any list of theirs, and a cursor of another’s list shows them nothing of it', async () => {
    await stage.start('ann');
    const { body: page } = await stage.call('ann', 'GET', '/api/v1/runs?limit=1');
    expect(page.items).to.have.length(1);
    for (const path of [
      '/api/v1/runs',
      `/api/v1/runs?cursor=${encodeURIComponent(page.next_cursor)}`,
      '/api/v1/queue',
      '/api/v1/chats',
    ]) {
      const { status, text, body } = await stage.call('eve', 'GET', path);
      expect(status, path).to.equal(200);
      expect(text, path).not.to.contain(stage.runId);
      expect(body.items, path).to.deep.equal([]);
    }
  });

  it('does not come by guessing the key of another’s start', async () => {
    const start = (who: 'ann' | 'eve') =>
      stage.one.http('POST', '/api/v1/trigger', {
        token: stage.tokenOf(who),
        headers: { 'Idempotency-Key': 'order-17' },
        body: { workflow_id: stage.workflowId },
      });
    const hers = await start('ann');
    const mine = await start('eve');
    expect([hers.status, mine.status]).to.deep.equal([202, 202]);
    expect(mine.body.run_id).not.to.equal(hers.body.run_id);
  });
});
