import { expect } from 'chai';
import { ChatStage } from '../../../../tests/support/api/chat-stage.ts';

const PEOPLE = ['ann', 'bob', 'root', 'eve'] as const;

/** Of owner, participant, admin, anybody else, as docs/chat.md says. What succeeds comes last where it would change the others. */
const TABLE = {
  'read the run': { method: 'GET', path: '', statuses: [200, 200, 200, 404] },
  'read messages': { method: 'GET', path: '/messages', statuses: [200, 200, 200, 404] },
  'read participants': { method: 'GET', path: '/participants', statuses: [200, 200, 200, 404] },
  'send messages': {
    method: 'POST',
    path: '/messages',
    body: { client_message_id: 'one', text: 'hello' },
    statuses: [201, 201, 403, 404],
  },
  invite: { method: 'POST', path: '/participants', body: { user_id: 'cleo' }, statuses: [200, 403, 403, 404] },
  remove: { method: 'POST', path: '/participants/remove', body: { user_id: 'bob' }, statuses: [200, 403, 403, 404] },
  leave: { method: 'POST', path: '/participants/leave', statuses: [409, 204, 404, 404] },
  retry: { method: 'POST', path: '/retry', statuses: [409, 404, 409, 404] },
  cancel: { method: 'POST', path: '/cancel', statuses: [200, 404, 200, 404] },
} as const;

/** To an admin the run is there. */
const adminLeaves = (what: string, index: number) => what === 'leave' && PEOPLE[index] === 'root';

describe('who may do what with a run and its chat', () => {
  let stage: ChatStage;
  beforeEach(async () => {
    stage = await ChatStage.open();
  });
  afterEach(() => stage.close());

  for (const [what, cell] of Object.entries(TABLE)) {
    it(`${what}: owner ${cell.statuses[0]}, participant ${cell.statuses[1]}, admin ${cell.statuses[2]}, anybody else ${cell.statuses[3]}`, async () => {
      const body = 'body' in cell ? cell.body : undefined;
      const order = [3, 2, 1, 0] as const;
      for (const index of order) {
        // Cancelling is once for a run.
        const runId = what === 'cancel' ? await stage.start('ann') : stage.runId;
        if (runId !== stage.runId) await stage.invite('ann', 'bob', runId);
        const { status, body: answer } = await stage.ask(PEOPLE[index], cell.method, cell.path, body, runId);
        expect(status, `${PEOPLE[index]}: ${JSON.stringify(answer)}`).to.equal(cell.statuses[index]);
        if (status === 404)
          expect(answer.code).to.equal(adminLeaves(what, index) ? 'participant_not_found' : 'run_not_found');
        if (status === 403) expect(answer.code).to.equal('forbidden');
      }
    });
  }

  it('a run that does not exist is not found, whoever asks', async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000';
    for (const who of PEOPLE) {
      expect((await stage.ask(who, 'GET', '/messages', undefined, nowhere)).status).to.equal(404);
      expect((await stage.invite(who, 'cleo', nowhere)).status).to.equal(404);
    }
  });

  it('an admin who takes part is a participant like others', async () => {
    await stage.invite('ann', 'root');
    expect((await stage.say('root', 'hello')).status).to.equal(201);
    expect((await stage.ask('root', 'POST', '/participants/leave')).status).to.equal(204);
    expect((await stage.say('root', 'hello')).status).to.equal(403);
  });

  it('who has left or was removed is nobody, at once and for everything', async () => {
    await stage.say('bob', 'before');
    await stage.ask('ann', 'POST', '/participants/remove', { user_id: 'bob' });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/messages'],
      ['GET', '/participants'],
    ] as const)
      expect((await stage.ask('bob', method, path)).status).to.equal(404);
    expect((await stage.say('bob', 'after')).status).to.equal(404);
    expect((await stage.call('bob', 'GET', '/api/v1/chats')).body.items).to.deep.equal([]);
    expect((await stage.ask('ann', 'GET', '/messages')).body.last_seq, 'what was said stays').to.equal(1);
  });
});
