import { expect } from 'chai';
import { MESSAGE_BURST } from '../../../../redis/message-rate.ts';
import { EVENT_SCHEMAS } from '../../../../shared/protocol/events.ts';
import { ChatRig, send } from '../../../../tests/support/chat-rig.ts';
import type { TestSocket } from '../../../../tests/support/test-socket.ts';
import { upTo } from '../../../../tests/support/up-to.ts';

describe('messages over a socket', () => {
  let chat: ChatRig;
  beforeEach(async () => {
    chat = await ChatRig.open();
  });
  afterEach(() => chat.close());

  const say = (socket: TestSocket, text: string, client_message_id = text, run_id = chat.runId) =>
    send(socket, { type: 'CHAT_SEND', data: { run_id, client_message_id, text } });
  const messages = (socket: TestSocket) => socket.ofType('CHAT_MESSAGE').map(({ data }) => data.text);
  const hears = (socket: TestSocket, count: number) =>
    socket.has(() => socket.ofType('CHAT_MESSAGE').length >= count, `${count} messages`);

  it('are answered when they are stored and reach every socket of everybody, on every gateway, also those that do not look', async () => {
    const ann = await chat.connect(chat.one, 'ann');
    const others = [
      await chat.connect(chat.two, 'ann'),
      await chat.connect(chat.one, 'bob'),
      await chat.looker(chat.two, 'bob'),
    ];
    say(ann, 'hello', 'm1');
    await ann.has(() => ann.ofType('CHAT_ACCEPTED').length === 1, 'the answer');
    const [accepted] = ann.ofType('CHAT_ACCEPTED');
    expect(accepted?.data).to.deep.include({ run_id: chat.runId, client_message_id: 'm1', seq: 1 });
    for (const socket of [ann, ...others]) {
      await hears(socket, 1);
      const [frame] = socket.ofType('CHAT_MESSAGE');
      EVENT_SCHEMAS.CHAT_MESSAGE.parse(frame?.data);
      expect(frame?.data).to.deep.include({ seq: 1, sender: 'ann', text: 'hello', sent_at: accepted?.data.sent_at });
      expect(frame?.offset).to.be.greaterThan(0);
    }
  });

  it('of one socket are stored in the order in which they were sent, without waiting for answers', async () => {
    const ann = await chat.connect(chat.one, 'ann');
    const bob = await chat.connect(chat.two, 'bob');
    for (let n = 1; n <= MESSAGE_BURST; n++) say(ann, String(n));
    await hears(bob, MESSAGE_BURST);
    expect(messages(bob)).to.deep.equal(upTo(MESSAGE_BURST).map(String));
    await ann.has(() => ann.ofType('CHAT_ACCEPTED').length === MESSAGE_BURST, 'all answers');
    expect(ann.ofType('CHAT_ACCEPTED').map(({ data }) => data.seq)).to.deep.equal(upTo(MESSAGE_BURST));
  });

  it('sent again on another gateway, as after a lost answer, are the same message', async () => {
    const ann = await chat.connect(chat.one, 'ann');
    say(ann, 'once', 'same');
    await hears(ann, 1);
    await ann.close();
    const again = await chat.connect(chat.two, 'ann');
    say(again, 'once', 'same');
    say(again, 'twice', 'next');
    await again.has(() => again.ofType('CHAT_ACCEPTED').length === 2, 'the answers');
    expect(again.ofType('CHAT_ACCEPTED').map(({ data }) => data.seq)).to.deep.equal([1, 2]);
    await hears(again, 1);
    expect(messages(again)).to.deep.equal(['twice']);
  });

  it('that were missed come with the resume on another gateway, in order and once; a fresh socket sees in the snapshot what there is', async () => {
    const bob = await chat.connect(chat.one, 'bob');
    const { epoch, offset } = await bob.greeted();
    await bob.close();
    const ann = await chat.connect(chat.two, 'ann');
    for (let n = 1; n <= 5; n++) say(ann, String(n));
    await hears(ann, 5);
    const back = chat.rig.connect(chat.two, 'bob', { query: `?epoch=${epoch}&offset=${offset}` });
    await hears(back, 5);
    say(ann, '6');
    await hears(back, 6);
    expect(messages(back)).to.deep.equal(upTo(6).map(String));
    const fresh = await chat.connect(chat.one, 'bob');
    const [snapshot] = fresh.ofType('SNAPSHOT');
    EVENT_SCHEMAS.SNAPSHOT.parse(snapshot?.data);
    expect(snapshot?.data.chats).to.deep.equal([{ run_id: chat.runId, last_seq: 6, read_seq: 0 }]);
  });

  it('are refused with a reason and the socket stays: strangers, admins, nonsense, too fast', async () => {
    const refused = async (socket: TestSocket, count: number) => {
      await socket.has(() => socket.ofType('CHAT_REFUSED').length >= count, `${count} refusals`);
      return socket.ofType('CHAT_REFUSED').map(({ data }) => [data.client_message_id, data.code]);
    };
    const eve = await chat.connect(chat.one, 'eve');
    say(eve, 'let me in', 'm1');
    expect(await refused(eve, 1)).to.deep.equal([['m1', 'run_not_found']]);
    const root = await chat.connect(chat.one, 'root', 'admin');
    say(root, 'behave', 'm1');
    expect(await refused(root, 1)).to.deep.equal([['m1', 'forbidden']]);

    const ann = await chat.connect(chat.two, 'ann');
    say(ann, '   ', 'm1');
    say(ann, 'hello', 'no such name, it has spaces');
    say(ann, 'hello', 'm2', 'no run');
    expect((await refused(ann, 3)).map(([, code]) => code)).to.deep.equal([
      'validation_failed',
      'validation_failed',
      'run_not_found',
    ]);
    const burst = MESSAGE_BURST * 2;
    for (let n = 0; n < burst; n++) say(ann, `${n}`);
    await ann.has(
      () => ann.ofType('CHAT_ACCEPTED').length + ann.ofType('CHAT_REFUSED').length === burst + 3,
      'an answer to each',
    );
    const [slow] = ann.ofType('CHAT_REFUSED').slice(3);
    expect(slow?.data.code).to.equal('too_many_messages');
    expect(slow?.data.retry_after_seconds).to.be.greaterThan(0);
    expect(ann.ofType('CHAT_ACCEPTED').length).to.be.at.least(MESSAGE_BURST - 1);
    expect([eve, root, ann].map(({ closed }) => closed)).to.deep.equal([undefined, undefined, undefined]);
  });
});
