import type { EventData, EventFrame, PRESENCE_STATUSES } from '../../../../shared/protocol/events.ts';
import type { MessageAnswer } from '../../../../shared/protocol/http-chat.ts';

type Presence = (typeof PRESENCE_STATUSES)[number];

export interface Message {
  seq: number;
  sender: string;
  clientMessageId: string;
  text: string;
  sentAt: string;
}

/** A message of this page that the server has not stored yet, as far as the page knows. */
interface Outgoing {
  clientMessageId: string;
  text: string;
  /** Why it was refused; null: on its way. */
  refused: string | null;
}

export interface Person {
  userId: string;
  owner: boolean;
  /** null: not known, or switched off. */
  presence: Presence | null;
  /** Has read up to this message; null: not known, or switched off. */
  readSeq: number | null;
  /** Unix ms until which they count as typing. */
  typingUntil: number;
}

/** A conversation as its reader sees it. */
export interface ChatState {
  /** Ascending `seq`; may have a hole until what is missing has been read. */
  messages: readonly Message[];
  /** Number of the newest message that anybody spoke of; 0: none. */
  lastSeq: number;
  outgoing: readonly Outgoing[];
  /** The owner first; empty: not told yet. */
  people: readonly Person[];
  /** Why this user cannot take part. */
  closed: string | null;
}

export const EMPTY_CHAT: ChatState = { messages: [], lastSeq: 0, outgoing: [], people: [], closed: null };

/** What is known of chat `runId` after a frame; the same object when it tells nothing of it. `at`: now, Unix ms. */
export function applyChatFrame(state: ChatState, runId: string, me: string, frame: EventFrame, at: number): ChatState {
  if (!('run_id' in frame.data) || frame.data.run_id !== runId) return state;
  switch (frame.type) {
    case 'CHAT_STATE':
      return {
        ...state,
        closed: null,
        lastSeq: Math.max(state.lastSeq, frame.data.last_seq),
        people: peopleOf(frame.data),
      };
    case 'CHAT_MESSAGE': {
      const next = withMessages(state, [messageOf(frame.data)]);
      return { ...next, people: changePerson(next.people, frame.data.sender, { typingUntil: 0 }) };
    }
    case 'CHAT_ACCEPTED': {
      const { client_message_id, seq, sent_at } = frame.data;
      const sent = state.outgoing.find(({ clientMessageId }) => clientMessageId === client_message_id);
      if (sent === undefined) return state;
      const { clientMessageId, text } = sent;
      return withMessages(state, [{ seq, sender: me, clientMessageId, text, sentAt: sent_at }]);
    }
    case 'CHAT_REFUSED': {
      const { client_message_id, message } = frame.data;
      if (client_message_id === null) return { ...state, closed: message };
      return {
        ...state,
        outgoing: state.outgoing.map((sent) =>
          sent.clientMessageId === client_message_id ? { ...sent, refused: message } : sent,
        ),
      };
    }
    case 'CHAT_JOINED': {
      const { user_id } = frame.data;
      if (state.people.some(({ userId }) => userId === user_id)) return state;
      const joined: Person = { userId: user_id, owner: false, presence: null, readSeq: null, typingUntil: 0 };
      return { ...state, people: [...state.people, joined] };
    }
    case 'CHAT_LEFT':
      return { ...state, people: state.people.filter(({ userId }) => userId !== frame.data.user_id) };
    case 'CHAT_TYPING': {
      const { user_id, typing, expires_in_seconds } = frame.data;
      const typingUntil = typing ? at + expires_in_seconds * 1_000 : 0;
      return { ...state, people: changePerson(state.people, user_id, { typingUntil }) };
    }
    case 'CHAT_PRESENCE':
      return {
        ...state,
        people: frame.data.people.reduce<readonly Person[]>(
          (people, { user_id, status }) => changePerson(people, user_id, { presence: status }),
          state.people,
        ),
      };
    case 'CHAT_READ':
      return { ...state, people: changePerson(state.people, frame.data.user_id, { readSeq: frame.data.seq }) };
    default:
      return state;
  }
}

/** Takes up messages, in any order and any number of times; what this page sent and is among them is not outgoing any more. */
export function withMessages(state: ChatState, messages: readonly Message[]): ChatState {
  const bySeq = new Map([...state.messages, ...messages].map((message) => [message.seq, message]));
  const stored = new Set(messages.map(({ clientMessageId }) => clientMessageId));
  return {
    ...state,
    messages: [...bySeq.values()].sort((a, b) => a.seq - b.seq),
    lastSeq: Math.max(state.lastSeq, ...bySeq.keys()),
    outgoing: state.outgoing.filter(({ clientMessageId }) => !stored.has(clientMessageId)),
  };
}

/** The number after which messages are missing; null: none are, up to the newest. */
export function missingAfter({ messages, lastSeq }: ChatState): number | null {
  const first = messages[0];
  if (first === undefined) return null;
  let complete = first.seq - 1;
  for (const { seq } of messages) {
    if (seq !== complete + 1) return complete;
    complete = seq;
  }
  return complete < lastSeq ? complete : null;
}

export function messageOf(message: MessageAnswer | EventData<'CHAT_MESSAGE'>): Message {
  const { seq, sender, client_message_id, text, sent_at } = message;
  return { seq, sender, clientMessageId: client_message_id, text, sentAt: sent_at };
}

function peopleOf({ people }: EventData<'CHAT_STATE'>): Person[] {
  return people.map(({ user_id, owner, status, read_seq }) => ({
    userId: user_id,
    owner,
    presence: status,
    readSeq: read_seq,
    typingUntil: 0,
  }));
}

function changePerson(people: readonly Person[], userId: string, change: Partial<Person>): readonly Person[] {
  return people.map((person) => (person.userId === userId ? { ...person, ...change } : person));
}
