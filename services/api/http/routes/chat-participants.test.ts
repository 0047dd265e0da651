import { expect } from 'chai';
import { MAX_CHAT_PEOPLE } from '../../../../shared/protocol/chat-limits.ts';
import { EVENT_SCHEMAS } from '../../../../shared/protocol/events.ts';
import { participantsAnswerSchema } from '../../../../shared/protocol/http.ts';
import { TEXTS } from '../../../../shared/protocol/texts.ts';
import { ChatStage } from '../../../../tests/support/api/chat-stage.ts';

describe('participants of a run', () => {
  let stage: ChatStage;
  beforeEach(async () => {
    stage = await ChatStage.open();
  });
  afterEach(() => stage.close());

  const names = async (): Promise<string[]> => {
    const { body } = await stage.ask('ann', 'GET', '/participants');
    return participantsAnswerSchema.parse(body).items.map(({ user_id }) => user_id);
  };
  /** What somebody heard of comings and goings, in order. */
  const heard = async (userId: string) =>
    (await stage.stream(userId)).flatMap(({ type, data }) => {
      if (type !== 'CHAT_JOINED' && type !== 'CHAT_LEFT') return [];
      EVENT_SCHEMAS[type].parse(data);
      const { message, user_id } = data as { message?: string; user_id: string };
      return [[type, user_id, ...(message === undefined ? [] : [message])]];
    });

  it('are invited by the owner; whoever takes part hears of it, the invited in words of their own', async () => {
    const { status, body } = await stage.invite('ann', 'cleo');
    expect(status).to.equal(200);
    expect(participantsAnswerSchema.parse(body).items).to.have.length(3);
    expect(body.items[0]).to.deep.include({ user_id: 'ann', owner: true, invited_by: null });
    expect(body.items[2]).to.deep.include({ user_id: 'cleo', owner: false, invited_by: 'ann', read_seq: 0 });
    expect(await heard('cleo')).to.deep.equal([['CHAT_JOINED', 'cleo', TEXTS.chatInvited]]);
    expect(await heard('bob')).to.deep.equal([
      ['CHAT_JOINED', 'bob', TEXTS.chatInvited],
      ['CHAT_JOINED', 'cleo', TEXTS.chatJoined],
    ]);
    expect((await heard('ann')).map(([, who]) => who)).to.deep.equal(['bob', 'cleo']);
  });

  it('invited again, or the owner invited, change nothing and are told nothing', async () => {
    expect((await stage.invite('ann', 'bob')).body.items).to.have.length(2);
    expect((await stage.invite('ann', 'ann')).body.items).to.have.length(2);
    expect(await heard('ann')).to.have.length(1);
  });

  it('leave by themselves or are removed: they and those who stay hear who and by whom', async () => {
    await stage.invite('ann', 'cleo');
    await stage.ask('bob', 'POST', '/participants/leave');
    const { body } = await stage.ask('ann', 'POST', '/participants/remove', { user_id: 'cleo' });
    expect(body.items.map((item: { user_id: string }) => item.user_id)).to.deep.equal(['ann']);
    const left = (await stage.stream('ann')).filter(({ type }) => type === 'CHAT_LEFT').map(({ data }) => data);
    expect(left).to.deep.equal([
      { run_id: stage.runId, user_id: 'bob', removed_by: null },
      { run_id: stage.runId, user_id: 'cleo', removed_by: 'ann' },
    ]);
    expect((await heard('bob')).at(-1)).to.deep.equal(['CHAT_LEFT', 'bob']);
    expect((await heard('cleo')).at(-1)).to.deep.equal(['CHAT_LEFT', 'cleo']);
  });

  it('come back when they are invited again', async () => {
    await stage.ask('bob', 'POST', '/participants/leave');
    await stage.invite('ann', 'bob');
    expect(await names()).to.deep.equal(['ann', 'bob']);
    expect((await stage.say('bob', 'here I am')).status).to.equal(201);
  });

  it('the owner neither leaves nor is removed; nobody is removed who does not take part', async () => {
    const remove = (user_id: string) => stage.ask('ann', 'POST', '/participants/remove', { user_id });
    expect((await stage.ask('ann', 'POST', '/participants/leave')).body.code).to.equal('owner_stays');
    expect((await remove('ann')).body).to.include({ status: 409, code: 'owner_stays' });
    expect((await remove('eve')).body).to.include({ status: 404, code: 'participant_not_found' });
    expect(await names()).to.deep.equal(['ann', 'bob']);
  });

  it('are never more than 50, and a place that is given up is free', async () => {
    const guests = Array.from({ length: MAX_CHAT_PEOPLE }, (_, n) => `guest-${n}`);
    const answers: Awaited<ReturnType<typeof stage.invite>>[] = [];
    // Some at once; all at once would be a test of the small pools of this stage.
    while (answers.length < guests.length) {
      const some = guests.slice(answers.length, answers.length + 5);
      answers.push(...(await Promise.all(some.map((guest) => stage.invite('ann', guest)))));
    }
    expect(answers.filter(({ status }) => status === 200)).to.have.length(MAX_CHAT_PEOPLE - 2);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { body } of refused) expect(body).to.include({ status: 409, code: 'too_many_participants' });
    await stage.ask('bob', 'POST', '/participants/leave');
    expect((await stage.invite('ann', 'one-more')).status).to.equal(200);
    expect(await names()).to.have.length(MAX_CHAT_PEOPLE);
  });

  it('have names as the subject of a token may be', async () => {
    for (const name of ['', 'a\nb', 'x'.repeat(201), '\ud800'])
      expect((await stage.invite('ann', name)).status).to.equal(400);
    expect((await stage.invite('ann', 'ö "quoted" \\ name')).status).to.equal(200);
  });
});
