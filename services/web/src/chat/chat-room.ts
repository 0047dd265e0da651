import { type ReadonlySignal, signal } from '@preact/signals';
import type { ClientFrame } from '../../../../shared/protocol/events.ts';
import { sentenceOf } from '../requests/use-resource.ts';
import type { Session } from '../session/session.ts';
import { applyChatFrame, type ChatState, EMPTY_CHAT, messageOf, missingAfter, withMessages } from './chat-state.ts';

/** The server passes a typist on at most this often, so saying it more often is waste (ms). */
const TYPING_EVERY_MS = 2_000;
const PAGE = 50;

/** One conversation that is looked at: opened anew on each socket, complete after each interruption, said again what was not heard. */
export class ChatRoom {
  private readonly stateSignal = signal<ChatState>(EMPTY_CHAT);
  private readonly errorSignal = signal<string | undefined>(undefined);
  private readonly olderSignal = signal<string | null>(null);
  private readonly ends: Array<() => void> = [];
  private readonly abort = new AbortController();
  private typingSaidAt = 0;
  private readSaid = 0;
  private catchingUp: Promise<void> | undefined;

  constructor(
    private readonly session: Session,
    private readonly runId: string,
  ) {}

  get state(): ReadonlySignal<ChatState> {
    return this.stateSignal;
  }
  /** Why the last reading failed. */
  get error(): ReadonlySignal<string | undefined> {
    return this.errorSignal;
  }
  /** null: there is nothing older. */
  get older(): ReadonlySignal<string | null> {
    return this.olderSignal;
  }

  start(): this {
    const { live } = this.session;
    this.ends.push(
      live.onFrame((frame) => {
        const { runId, session } = this;
        this.stateSignal.value = applyChatFrame(this.stateSignal.value, runId, session.userId, frame, Date.now());
        if (missingAfter(this.stateSignal.value) !== null) void this.catchUp();
      }),
      live.state.subscribe((state) => {
        if (state.kind === 'live') this.open();
      }),
      // What was said while the comfort was off was dropped.
      live.disabled.subscribe((off) => {
        if (off.includes('read_receipts')) this.readSaid = 0;
        else this.sayRead();
      }),
    );
    return this;
  }

  stop(): void {
    this.stopTyping();
    for (const end of this.ends) end();
    this.abort.abort();
    this.send({ type: 'CHAT_CLOSE', data: { run_id: this.runId } });
  }

  /** Shown at once; stored as soon as the server hears it, once, however often it is said. */
  say(text: string): void {
    const outgoing = { clientMessageId: crypto.randomUUID(), text, refused: null };
    const { value } = this.stateSignal;
    this.stateSignal.value = { ...value, outgoing: [...value.outgoing, outgoing] };
    this.typingSaidAt = 0;
    this.pass(outgoing);
  }

  sayAgain(clientMessageId: string): void {
    const { value } = this.stateSignal;
    const outgoing = value.outgoing.map((sent) =>
      sent.clientMessageId === clientMessageId ? { ...sent, refused: null } : sent,
    );
    this.stateSignal.value = { ...value, outgoing };
    for (const sent of outgoing) if (sent.clientMessageId === clientMessageId) this.pass(sent);
  }

  typed(): void {
    if (Date.now() - this.typingSaidAt < TYPING_EVERY_MS || !this.offers('typing')) return;
    this.typingSaidAt = Date.now();
    this.send({ type: 'TYPING', data: { run_id: this.runId, typing: true } });
  }

  stopTyping(): void {
    if (this.typingSaidAt === 0) return;
    this.typingSaidAt = 0;
    if (this.offers('typing')) this.send({ type: 'TYPING', data: { run_id: this.runId, typing: false } });
  }

  /** The newest message has been seen. */
  sayRead(): void {
    const seq = this.stateSignal.value.messages.at(-1)?.seq ?? 0;
    if (seq <= this.readSaid || document.hidden || !this.offers('read_receipts')) return;
    if (this.send({ type: 'READ', data: { run_id: this.runId, seq } })) this.readSaid = seq;
  }

  async readOlder(): Promise<void> {
    const cursor = this.olderSignal.value;
    if (cursor !== null) await this.readPage(cursor);
  }

  private open(): void {
    this.readSaid = 0;
    this.send({ type: 'CHAT_OPEN', data: { run_id: this.runId } });
    void this.catchUp();
    for (const sent of this.stateSignal.value.outgoing) if (sent.refused === null) this.pass(sent);
  }

  private catchUp(): Promise<void> {
    this.catchingUp ??= this.readMissing()
      .then(() => {
        this.errorSignal.value = undefined;
      })
      .catch((error: unknown) => {
        if (!this.abort.signal.aborted) this.errorSignal.value = sentenceOf(error);
      })
      .finally(() => {
        this.catchingUp = undefined;
      });
    return this.catchingUp;
  }

  private async readMissing(): Promise<void> {
    if (this.stateSignal.value.messages.length === 0) return this.readPage();
    const newest = this.stateSignal.value.messages.at(-1)?.seq ?? 0;
    for (let after = missingAfter(this.stateSignal.value) ?? newest; ; ) {
      const page = await this.session.api.chats.messages(this.runId, { after, limit: PAGE, signal: this.abort.signal });
      this.stateSignal.value = withMessages(this.stateSignal.value, page.items.map(messageOf));
      const last = page.items.at(-1);
      if (last === undefined || last.seq >= page.last_seq) return;
      after = last.seq;
    }
  }

  private async readPage(cursor?: string): Promise<void> {
    const { signal } = this.abort;
    const options = cursor === undefined ? { limit: PAGE, signal } : { limit: PAGE, signal, cursor };
    const page = await this.session.api.chats.messages(this.runId, options);
    this.stateSignal.value = withMessages(this.stateSignal.value, page.items.map(messageOf));
    this.olderSignal.value = page.next_cursor;
  }

  private pass({ clientMessageId, text }: { clientMessageId: string; text: string }): void {
    this.send({ type: 'CHAT_SEND', data: { run_id: this.runId, client_message_id: clientMessageId, text } });
  }

  private offers(comfort: 'typing' | 'read_receipts'): boolean {
    return !this.session.live.disabled.value.includes(comfort);
  }

  private send(frame: ClientFrame): boolean {
    return this.session.live.send(frame);
  }
}
