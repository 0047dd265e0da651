import { expect } from 'chai';
import type { EventData, EventFrame, EventType } from '../../../../shared/protocol/events.ts';
import { applyChatFrame, type ChatState, EMPTY_CHAT, missingAfter, withMessages } from './chat-state.ts';

const AT = '2030-01-01T00:00:00.000Z';
const NOW = Date.parse(AT);

function frame<Type extends EventType>(type: Type, data: EventData<Type>): EventFrame {
  return { type, data, at: AT } as EventFrame;
}

function said(seq: number, sender = 'bert', client_message_id = `m${seq}`): EventFrame {
  return frame('CHAT_MESSAGE', { run_id: 'r1', seq, sender, client_message_id, text: `text ${seq}`, sent_at: AT });
}

const opened = frame('CHAT_STATE', {
  run_id: 'r1',
  last_seq: 2,
  people: [
    { user_id: 'anna', owner: true, status: 'online', read_seq: 2 },
    { user_id: 'bert', owner: false, status: 'away', read_seq: 0 },
  ],
});

function told(state: ChatState, ...frames: EventFrame[]): ChatState {
  return frames.reduce((before, each) => applyChatFrame(before, 'r1', 'anna', each, NOW), state);
}
const personOf = (state: ChatState, id: string) => state.people.find(({ userId }) => userId === id);

describe('a conversation as its reader sees it', () => {
  it('keeps messages in order, each once, however they come', () => {
    const state = told(EMPTY_CHAT, said(2), said(1), said(2), said(3));
    expect(state.messages.map(({ seq }) => seq)).to.deep.equal([1, 2, 3]);
  });

  it('knows after which message some are missing: in the middle, at the end, or none', () => {
    expect(missingAfter(told(EMPTY_CHAT, said(1), said(3)))).to.equal(1);
    expect(missingAfter(told(EMPTY_CHAT, said(1), opened))).to.equal(1);
    expect(missingAfter(told(EMPTY_CHAT, said(5), said(6)))).to.equal(null);
    expect(missingAfter(EMPTY_CHAT)).to.equal(null);
  });

  it('shows a message that is on its way once, until it is stored, whichever news of that comes first', () => {
    const outgoing = { clientMessageId: 'mine', text: 'Hello', refused: null };
    const waiting: ChatState = { ...EMPTY_CHAT, outgoing: [outgoing] };
    const accepted = frame('CHAT_ACCEPTED', { run_id: 'r1', client_message_id: 'mine', seq: 1, sent_at: AT });
    for (const news of [[accepted], [said(1, 'anna', 'mine')], [said(1, 'anna', 'mine'), accepted]]) {
      const state = told(waiting, ...news);
      expect(state.outgoing).to.deep.equal([]);
      expect(state.messages.map(({ sender }) => sender)).to.deep.equal(['anna']);
    }
  });

  it('says why a message was refused, and why nobody may take part', () => {
    const refusal = (client_message_id: string | null) =>
      frame('CHAT_REFUSED', {
        run_id: 'r1',
        message: 'Too fast',
        client_message_id,
        code: 'x',
        retry_after_seconds: 1,
      });
    const waiting: ChatState = { ...EMPTY_CHAT, outgoing: [{ clientMessageId: 'mine', text: 'Hi', refused: null }] };
    expect(told(waiting, refusal('mine')).outgoing[0]?.refused).to.equal('Too fast');
    expect(told(EMPTY_CHAT, refusal(null)).closed).to.equal('Too fast');
    expect(told(EMPTY_CHAT, refusal(null), opened).closed).to.equal(null);
  });

  it('follows who is here, who types and who has read', () => {
    const typing = frame('CHAT_TYPING', { run_id: 'r1', user_id: 'bert', typing: true, expires_in_seconds: 6 });
    const here = frame('CHAT_PRESENCE', { run_id: 'r1', people: [{ user_id: 'bert', status: 'online' }] });
    const read = frame('CHAT_READ', { run_id: 'r1', user_id: 'bert', seq: 2 });
    expect(personOf(told(EMPTY_CHAT, opened, typing, here, read), 'bert')).to.deep.equal({
      userId: 'bert',
      owner: false,
      presence: 'online',
      readSeq: 2,
      typingUntil: NOW + 6_000,
    });
    expect(personOf(told(EMPTY_CHAT, opened, typing, said(3)), 'bert')?.typingUntil, 'has said it').to.equal(0);
  });

  it('follows who joins and who leaves', () => {
    const names = { workflow_id: 'w1', workflow_name: 'report' };
    const joined = frame('CHAT_JOINED', { ...names, run_id: 'r1', message: '', user_id: 'carl', invited_by: 'anna' });
    const left = frame('CHAT_LEFT', { run_id: 'r1', user_id: 'bert', removed_by: null });
    const { people } = told(EMPTY_CHAT, opened, joined, joined, left);
    expect(people.map(({ userId }) => userId)).to.deep.equal(['anna', 'carl']);
  });

  it('is not moved by news of another conversation', () => {
    const elsewhere = frame('CHAT_READ', { run_id: 'r2', user_id: 'bert', seq: 2 });
    const state = withMessages(EMPTY_CHAT, []);
    expect(told(state, elsewhere)).to.equal(state);
  });
});
