import { expect } from 'chai';
import { EVENT_SCHEMAS } from '../../../../shared/protocol/events.ts';
import { ChatRig, heardOut, send } from '../../../../tests/support/chat-rig.ts';
import type { TestSocket } from '../../../../tests/support/test-socket.ts';
import { MAX_OPEN_CHATS } from './rooms.ts';

describe('sockets that look at a chat', () => {
  let chat: ChatRig;
  beforeEach(async () => {
    chat = await ChatRig.open();
  });
  afterEach(() => chat.close());

  const open = (socket: TestSocket, runId = chat.runId) => send(socket, { type: 'CHAT_OPEN', data: { run_id: runId } });
  const refusal = async (socket: TestSocket, count = 1) => {
    await socket.has(() => socket.ofType('CHAT_REFUSED').length >= count, 'the refusal');
    return socket.ofType('CHAT_REFUSED').at(-1)?.data;
  };

  it('are told who takes part, who is here, what they have read and how far the chat is', async () => {
    await chat.one.chat.sendMessage.send(
      chat.runId,
      { userId: 'ann', role: 'user' },
      { client_message_id: '1', text: 'hello' },
    );
    await chat.rig.database.participants.markRead([{ runId: chat.runId, userId: 'ann', seq: 1 }]);
    await chat.invite('cleo');
    const ann = await chat.connect(chat.two, 'ann');
    const bob = await chat.looker(chat.one, 'bob');
    const [state] = bob.ofType('CHAT_STATE');
    EVENT_SCHEMAS.CHAT_STATE.parse(state?.data);
    expect(state?.data).to.deep.equal({
      run_id: chat.runId,
      last_seq: 1,
      people: [
        { user_id: 'ann', owner: true, status: 'online', read_seq: 1 },
        { user_id: 'bob', owner: false, status: 'online', read_seq: 0 },
        { user_id: 'cleo', owner: false, status: 'offline', read_seq: 0 },
      ],
    });
    expect(state).to.not.have.property('offset');
    expect(ann.ofType('CHAT_STATE'), 'only who asks').to.deep.equal([]);
  });

  it('are refused who do not take part: to strangers there is no such run, admins may only read it', async () => {
    const eve = await chat.connect(chat.one, 'eve');
    open(eve);
    expect(await refusal(eve)).to.deep.include({ code: 'run_not_found', run_id: chat.runId, client_message_id: null });
    const root = await chat.connect(chat.two, 'root', 'admin');
    open(root);
    expect(await refusal(root)).to.deep.include({ code: 'forbidden' });
    open(root, '00000000-0000-4000-8000-000000000000');
    expect(await refusal(root, 2)).to.deep.include({ code: 'run_not_found' });
    open(eve, 'nonsense');
    expect(await refusal(eve, 2)).to.deep.include({ code: 'run_not_found' });
    send(eve, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await heardOut(eve);
    expect(await chat.counted('typing', 'not_open')).to.equal(1);
    expect(eve.closed).to.equal(undefined);
  });

  it('hear nothing more of it once they are removed, wherever they are, nor whoever was never let in', async () => {
    const ann = await chat.looker(chat.one, 'ann');
    await chat.invite('cleo');
    const cleo = await chat.looker(chat.two, 'cleo');
    const bob = await chat.looker(chat.two, 'bob');
    await chat.remove('bob');
    await bob.has(() => bob.ofType('CHAT_LEFT').length === 1, 'the news');
    send(bob, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await heardOut(bob);
    expect(await chat.counted('typing', 'not_open')).to.equal(1);
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await cleo.has(() => cleo.ofType('CHAT_TYPING').length === 1, 'those who stay to hear it');
    await heardOut(bob);
    expect(bob.ofType('CHAT_TYPING')).to.deep.equal([]);
    open(bob);
    expect(await refusal(bob)).to.deep.include({ code: 'run_not_found' });
  });

  it('see those who are invited later', async () => {
    const bob = await chat.looker(chat.two, 'bob');
    await chat.connect(chat.one, 'cleo');
    await chat.invite('cleo');
    await bob.has(() => bob.ofType('CHAT_JOINED').length === 1, 'the news');
    await bob.has(
      () => bob.ofType('CHAT_PRESENCE').some(({ data }) => data.people.some(({ user_id }) => user_id === 'cleo')),
      'cleo to be seen',
    );
  });

  it('look no longer after CHAT_CLOSE, and may look again', async () => {
    const ann = await chat.looker(chat.one, 'ann');
    const bob = await chat.looker(chat.two, 'bob');
    send(bob, { type: 'CHAT_CLOSE', data: { run_id: chat.runId } });
    await heardOut(bob);
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await heardOut(ann);
    await chat.look(bob);
    expect(bob.ofType('CHAT_TYPING')).to.deep.equal([]);
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: false } });
    await bob.has(() => bob.ofType('CHAT_TYPING').length === 1, 'the end of typing');
  });

  it(`look at ${MAX_OPEN_CHATS} chats at most, and open them at a pace; what is open can be opened again`, async () => {
    const runs = [chat.runId];
    while (runs.length <= MAX_OPEN_CHATS) runs.push((await chat.rig.startRun('ann')).id);
    const ann = await chat.connect(chat.one, 'ann');
    for (const runId of runs) open(ann, runId);
    const tooFast = await refusal(ann);
    expect(tooFast).to.deep.include({ code: 'too_many_messages', retry_after_seconds: 1 });
    const opened = () => new Set(ann.ofType('CHAT_STATE').map(({ data }) => data.run_id));
    for (const runId of runs.slice(0, MAX_OPEN_CHATS)) {
      // As a client does: again, until it is let in.
      while (!opened().has(runId)) {
        const answers = ann.frames.length;
        open(ann, runId);
        await ann.has((frames) => frames.length > answers, 'an answer');
      }
    }
    expect(opened().size).to.equal(MAX_OPEN_CHATS);
    await ann.has(() => {
      open(ann, runs.at(-1));
      return ann.ofType('CHAT_REFUSED').some(({ data }) => data.message.includes('Close one first'));
    }, 'the bound');
    const told = () => ann.ofType('CHAT_STATE').filter(({ data }) => data.run_id === runs[0]).length;
    const before = told();
    await ann.has(() => {
      open(ann, runs[0]);
      return told() > before;
    }, 'the state of a chat that is open');
    // Where answers are slow, what is asked again meanwhile uses up the pace: one chat a second.
  }).timeout(60_000);
});
