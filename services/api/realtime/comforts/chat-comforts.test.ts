import { expect } from 'chai';
import { EVENT_SCHEMAS, type EventData, type EventType } from '../../../../shared/protocol/events.ts';
import { ChatRig, heardOut, send } from '../../../../tests/support/chat-rig.ts';
import type { TestSocket } from '../../../../tests/support/test-socket.ts';
import { until } from '../../../../tests/support/until.ts';

const dataOf = <Type extends EventType>(socket: TestSocket, type: Type) =>
  socket.ofType(type).map(({ data }) => EVENT_SCHEMAS[type].parse(data) as EventData<Type>);

describe('comforts between two gateways', () => {
  let chat: ChatRig;
  let ann: TestSocket;
  let bob: TestSocket;
  beforeEach(async () => {
    chat = await ChatRig.open();
    ann = await chat.looker(chat.one, 'ann');
    bob = await chat.looker(chat.two, 'bob');
  });
  afterEach(() => chat.close());

  const types = (socket: TestSocket, typing: boolean) =>
    send(socket, { type: 'TYPING', data: { run_id: chat.runId, typing } });
  const reads = (socket: TestSocket, seq: number) => send(socket, { type: 'READ', data: { run_id: chat.runId, seq } });
  const is = (socket: TestSocket, status: 'online' | 'away') => send(socket, { type: 'PRESENCE', data: { status } });
  /** Status of somebody as this socket knows it. */
  const statusOf = (socket: TestSocket, userId: string) =>
    [...dataOf(socket, 'CHAT_STATE'), ...dataOf(socket, 'CHAT_PRESENCE')]
      .flatMap(({ people }): Array<{ user_id: string; status: string | null }> => people)
      .filter((person) => person.user_id === userId)
      .at(-1)?.status;
  const seen = (socket: TestSocket, userId: string, status: string) =>
    socket.has(() => statusOf(socket, userId) === status, `${userId} to be ${status}`);
  const messages = async (count: number) => {
    for (let n = 0; n < count; n++)
      await chat.one.chat.sendMessage.send(
        chat.runId,
        { userId: 'ann', role: 'user' },
        { client_message_id: `${n}`, text: `${n}` },
      );
  };

  it('typing is told to the others who look, on every gateway, and not to the typist', async () => {
    const tab = await chat.looker(chat.one, 'ann');
    const alsoHere = await chat.looker(chat.one, 'bob');
    const elsewhere = await chat.connect(chat.two, 'bob');
    types(ann, true);
    for (const socket of [bob, alsoHere]) {
      await socket.has(() => socket.ofType('CHAT_TYPING').length === 1, 'the signal');
      expect(dataOf(socket, 'CHAT_TYPING')).to.deep.equal([
        { run_id: chat.runId, user_id: 'ann', typing: true, expires_in_seconds: 6 },
      ]);
    }
    await Promise.all([ann, tab, elsewhere].map(heardOut));
    for (const socket of [ann, tab, elsewhere]) expect(socket.ofType('CHAT_TYPING')).to.deep.equal([]);
  });

  it('as many keystrokes as somebody likes cost one signal every two seconds, and one for the end', async () => {
    const published = async () => {
      const stats = await chat.rig.store.connections.command.info('commandstats');
      return Number(/cmdstat_publish:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const before = await published();
    for (let n = 0; n < 50; n++) types(ann, true);
    await heardOut(ann);
    types(ann, false);
    await bob.has(() => dataOf(bob, 'CHAT_TYPING').at(-1)?.typing === false, 'the end');
    expect(dataOf(bob, 'CHAT_TYPING').map(({ typing }) => typing)).to.deep.equal([true, false]);
    const [begin, end] = bob.ofType('CHAT_TYPING').map(({ at }) => Date.parse(at));
    expect((end ?? 0) - (begin ?? 0)).to.be.within(1_900, 3_500);
    expect(await chat.counted('typing', 'taken')).to.equal(1);
    expect(await chat.counted('typing', 'coalesced')).to.equal(50);
    // Other things of this server publish too, but not per keystroke.
    expect((await published()) - before).to.be.below(20);
  });

  it('who has read how far is stored, highest number once, and told to all who look, the reader’s other tabs too', async () => {
    await messages(5);
    const tab = await chat.looker(chat.two, 'ann');
    for (const seq of [1, 2, 4, 3]) reads(ann, seq);
    for (const socket of [ann, bob, tab]) {
      await socket.has(() => dataOf(socket, 'CHAT_READ').some(({ seq }) => seq === 4), 'the mark');
      expect(dataOf(socket, 'CHAT_READ')).to.deep.equal([{ run_id: chat.runId, user_id: 'ann', seq: 4 }]);
    }
    const [owner] = await chat.rig.database.participants.list(chat.runId);
    expect(owner).to.deep.include({ userId: 'ann', readSeq: 4 });
    reads(ann, 2);
    reads(bob, 99);
    await ann.has(() => dataOf(ann, 'CHAT_READ').length === 2, 'the mark of the other');
    expect(dataOf(ann, 'CHAT_READ').at(-1), 'never beyond what there is').to.deep.include({ user_id: 'bob', seq: 5 });
  });

  it('online is who has a socket anywhere, away who looks nowhere, offline who has none', async () => {
    expect(statusOf(bob, 'ann')).to.equal('online');
    const tab = await chat.connect(chat.two, 'ann');
    is(ann, 'away');
    is(tab, 'away');
    await seen(bob, 'ann', 'away');
    is(tab, 'online');
    await seen(bob, 'ann', 'online');
    await tab.close();
    await seen(bob, 'ann', 'away');
    const fresh = await chat.connect(chat.one, 'ann');
    await seen(bob, 'ann', 'online');
    await fresh.close();
    await seen(bob, 'ann', 'away');
    await ann.close();
    await seen(bob, 'ann', 'offline');
    expect(await chat.counted('presence', 'taken')).to.equal(3);
  }).timeout(40_000);

  it('who looks at a second chat with the same people is told of them there', async () => {
    const { id } = await chat.rig.startRun('ann');
    await chat.invite('bob', id);
    await chat.look(bob, id);
    const state = dataOf(bob, 'CHAT_STATE').find(({ run_id }) => run_id === id);
    expect(state?.people.map(({ status }) => status)).to.deep.equal(['online', 'online']);
  });

  it('presence is right again when Redis has lost the connections', async () => {
    await chat.rig.store.connections.command.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await ann.close();
    await seen(bob, 'ann', 'offline');
    types(bob, true);
    const again = await chat.looker(chat.one, 'ann');
    types(bob, true);
    await until(
      () => {
        types(bob, true);
        return again.ofType('CHAT_TYPING').length > 0;
      },
      { timeoutMs: 5_000, what: 'typing to be heard again' },
    );
  });
});
