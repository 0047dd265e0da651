import { expect } from 'chai';
import { TEXTS } from '../../../../shared/protocol/texts.ts';
import { COMFORTS } from '../../../../shared/workflow/capacity-level.ts';
import { ChatRig, heardOut, send } from '../../../../tests/support/chat-rig.ts';
import { letLevelFall } from '../../../../tests/support/fallen-level.ts';
import { RIG_LIMITS } from '../../../../tests/support/realtime-rig.ts';
import type { TestSocket } from '../../../../tests/support/test-socket.ts';
import { until } from '../../../../tests/support/until.ts';

/** Two sockets of the tests are there already. */
const others = (count: number) => Array.from({ length: count - 2 }, (_, n) => `guest-${n}`);

describe('comforts while the cluster is nearly full', () => {
  let chat: ChatRig;
  let ann: TestSocket;
  let bob: TestSocket;
  beforeEach(async () => {
    chat = await ChatRig.open();
    await chat.rig.store.cluster.setLimits({ ...RIG_LIMITS, max_users: 25, hard_limit_users: 0 });
    ann = await chat.looker(chat.one, 'ann');
    bob = await chat.looker(chat.two, 'bob');
  });
  afterEach(() => chat.close());

  const fill = async () => {
    await chat.rig.store.users.join('elsewhere', others(23));
    await both('DEGRADED_MODE_ACTIVE');
  };
  const empty = async () => {
    await chat.rig.store.users.leave('elsewhere', others(23));
    await letLevelFall(chat.rig.store, chat.rig.prefix);
  };
  const both = (type: 'DEGRADED_MODE_ACTIVE' | 'DEGRADED_MODE_CLEARED', times = 1) =>
    Promise.all([ann, bob].map((socket) => socket.has(() => socket.ofType(type).length >= times, type)));
  const sendAll = (socket: TestSocket) => {
    send(socket, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    send(socket, { type: 'READ', data: { run_id: chat.runId, seq: 1 } });
    send(socket, { type: 'PRESENCE', data: { status: 'away' } });
  };
  const comfortsHeard = (socket: TestSocket) =>
    socket.frames.filter(({ type }) => ['CHAT_TYPING', 'CHAT_READ', 'CHAT_PRESENCE'].includes(type));
  const say = (socket: TestSocket, text: string) =>
    send(socket, { type: 'CHAT_SEND', data: { run_id: chat.runId, client_message_id: text, text } });
  const hears = (socket: TestSocket, count: number) =>
    socket.has(() => socket.ofType('CHAT_MESSAGE').length >= count, `message ${count}`);

  const readByAnn = async () => (await chat.rig.database.participants.list(chat.runId))[0]?.readSeq ?? 0;
  /**
   * Fills the cluster while the end of ann's typing waits for its interval and her mark for the next writing. When that falls in
   * between, nothing waits any more, and it is tried again with the next message.
   */
  const leftOver = async () => {
    for (let tries = 1; tries <= 5; tries++) {
      say(ann, String(tries));
      await hears(bob, tries);
      const heard = bob.ofType('CHAT_TYPING').length;
      send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
      await bob.has(() => bob.ofType('CHAT_TYPING').length > heard, 'typing');
      send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: false } });
      send(ann, { type: 'READ', data: { run_id: chat.runId, seq: tries } });
      await heardOut(ann);
      await chat.rig.store.users.join('elsewhere', others(23));
      await both('DEGRADED_MODE_ACTIVE', tries);
      const read = await readByAnn();
      if (read < tries) return { tries, read };
      await empty();
      await both('DEGRADED_MODE_CLEARED', tries);
    }
    throw new Error('No mark waited when the comforts went off.');
  };

  it('go off at the 23rd user, not before, on every gateway within a second; everybody hears what is off, in order', async () => {
    await chat.rig.store.users.join('elsewhere', others(22));
    await heardOut(ann);
    expect(ann.ofType('DEGRADED_MODE_ACTIVE')).to.deep.equal([]);
    const begun = performance.now();
    await fill();
    // Told at once; whoever only looks by itself does so every 5 s.
    expect(performance.now() - begun).to.be.below(3_000);
    for (const socket of [ann, bob])
      expect(socket.ofType('DEGRADED_MODE_ACTIVE').map(({ data }) => data)).to.deep.equal([
        { message: TEXTS.degraded, disabled: ['read_receipts', 'presence', 'typing'] },
      ]);
    const late = await chat.connect(chat.one, 'bob');
    await late.has(() => late.ofType('DEGRADED_MODE_ACTIVE').length === 1, 'the news');
    expect(late.ofType('SNAPSHOT')[0]?.data.features.disabled).to.deep.equal([...COMFORTS]);
  });

  it('are dropped at the door while off: counted, answered with nothing, told to nobody, stored nowhere', async () => {
    say(ann, 'one');
    await hears(bob, 1);
    await fill();
    const before = { ann: ann.frames.length, bob: comfortsHeard(bob).length };
    for (let n = 0; n < 20; n++) sendAll(ann);
    await heardOut(ann);
    expect(ann.frames.slice(before.ann).map(({ type }) => type)).to.deep.equal(['PONG']);
    for (const comfort of COMFORTS) {
      expect(await chat.counted(comfort, 'off'), comfort).to.equal(20);
      expect(await chat.counted(comfort, 'taken'), comfort).to.equal(0);
    }
    say(ann, 'two');
    await hears(bob, 2);
    expect(comfortsHeard(bob)).to.have.length(before.bob);
    const [owner] = await chat.rig.database.participants.list(chat.runId);
    expect(owner?.readSeq).to.equal(0);
    expect(ann.closed).to.equal(undefined);
  });

  it('that wait when they go off are forgotten: nothing of them comes after the news, nor when they are back', async () => {
    const here = await chat.looker(chat.one, 'bob');
    const before = await leftOver();
    const news = bob.frames.findLastIndex(({ type }) => type === 'DEGRADED_MODE_ACTIVE');
    await empty();
    await both('DEGRADED_MODE_CLEARED', before.tries);
    const back = bob.frames.findLastIndex(({ type }) => type === 'DEGRADED_MODE_CLEARED');
    const between = bob.frames.slice(news, back).filter((frame) => comfortsHeard(bob).includes(frame));
    expect(between).to.deep.equal([]);
    const [taken, heard] = [await chat.counted('typing', 'taken'), here.ofType('CHAT_READ').length];
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    // Stored in the same statement as what may be left over.
    send(here, { type: 'READ', data: { run_id: chat.runId, seq: before.tries } });
    await here.has(() => here.ofType('CHAT_READ').length > heard, 'the mark of now');
    const marks = here.ofType('CHAT_READ').slice(heard);
    expect(marks.map(({ data }) => data.user_id)).to.deep.equal(['bob']);
    expect(await chat.counted('typing', 'taken'), 'a first keystroke again').to.equal(taken + 1);
    expect(await readByAnn()).to.equal(before.read);
  });

  it('leave messages, membership and resume as they are', async () => {
    await fill();
    const { epoch, offset } = bob.stored.at(-1) ?? (await bob.greeted());
    await bob.close();
    for (let n = 1; n <= 5; n++) say(ann, String(n));
    await hears(ann, 5);
    const back = chat.rig.connect(chat.one, 'bob', { query: `?epoch=${epoch}&offset=${offset}` });
    await hears(back, 5);
    expect(back.frames[0]?.type).to.equal('RESUMED');
    await chat.look(back);
    const [state] = back.ofType('CHAT_STATE');
    expect(state?.data.last_seq).to.equal(5);
    expect(state?.data.people.map(({ status, read_seq }) => [status, read_seq])).to.deep.equal([
      [null, null],
      [null, null],
    ]);
  });

  it('come back with the level, not at its border, and are told with what is back; presence is right at once', async () => {
    await fill();
    // Meanwhile somebody goes and somebody comes, which nobody is told.
    await ann.close();
    await chat.invite('cleo');
    await chat.connect(chat.one, 'cleo');
    await chat.rig.store.users.leave('elsewhere', ['guest-0']);
    await letLevelFall(chat.rig.store, chat.rig.prefix);
    await heardOut(bob);
    expect(bob.ofType('DEGRADED_MODE_CLEARED'), '22 of 25 is above the exit').to.deep.equal([]);
    const heardBefore = bob.ofType('CHAT_PRESENCE').length;
    await empty();
    await bob.has(() => bob.ofType('DEGRADED_MODE_CLEARED').length === 1, 'the news');
    const clearedAt = performance.now();
    expect(bob.ofType('DEGRADED_MODE_CLEARED')[0]?.data).to.deep.equal({
      message: TEXTS.degradedCleared,
      enabled: ['typing', 'presence', 'read_receipts'],
    });
    await bob.has(() => bob.ofType('CHAT_PRESENCE').length > heardBefore, 'presence');
    // The rounds are two seconds apart: this was not one of them.
    expect(performance.now() - clearedAt).to.be.below(500);
    const statuses = Object.fromEntries(
      (bob.ofType('CHAT_PRESENCE').at(-1)?.data.people ?? []).map(({ user_id, status }) => [user_id, status]),
    );
    expect(statuses).to.deep.equal({ ann: 'offline', bob: 'online', cleo: 'online' });
    send(bob, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await until(async () => (await chat.counted('typing', 'taken')) === 1, {
      timeoutMs: 5_000,
      what: 'typing to be taken',
    });
  });

  it('forced off by an administrator are named alone, without a word about demand', async () => {
    await chat.one.features.change.change({ presence: 'off', reason: 'test' }, 'root');
    await both('DEGRADED_MODE_ACTIVE');
    expect(bob.ofType('DEGRADED_MODE_ACTIVE')[0]?.data).to.deep.equal({
      message: TEXTS.degradedForced,
      disabled: ['presence'],
    });
    const before = comfortsHeard(bob).length;
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await bob.has(() => comfortsHeard(bob).length > before, 'typing, which is on');
    await chat.one.features.change.change({ presence: 'auto' }, 'root');
    await both('DEGRADED_MODE_CLEARED');
  });

  it('forced on stay on in a full cluster', async () => {
    await chat.two.features.change.change({ typing: 'on' }, 'root');
    await fill();
    expect(bob.ofType('DEGRADED_MODE_ACTIVE')[0]?.data.disabled).to.deep.equal(['read_receipts', 'presence']);
    send(ann, { type: 'TYPING', data: { run_id: chat.runId, typing: true } });
    await bob.has(() => bob.ofType('CHAT_TYPING').length === 1, 'typing');
  });
});
