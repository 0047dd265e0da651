import { expect } from 'chai';
import type { UserEvent } from '../../redis/event-streams.ts';
import type { EventFrame } from '../../shared/protocol/events.ts';
import { recordedLog } from '../../tests/support/recorded-log.ts';
import { EventOutbox } from './event-outbox.ts';

const stored = (provider: string) => ({
  userId: 'ada',
  type: 'PROVIDER_RESTORED' as const,
  data: { message: '', provider },
});
const live = (provider: string) => ({ type: 'PROVIDER_RESTORED' as const, data: { message: '', provider }, at: '' });

/** Takes events like Redis, or not, as a test says. */
class Sink {
  readonly taken: string[] = [];
  away = false;

  async publish(events: readonly UserEvent[]): Promise<void> {
    this.take(...events.map((event) => (event as ReturnType<typeof stored>).data.provider));
  }

  async publishLive(_userId: string, frame: EventFrame): Promise<void> {
    this.take(`live ${(frame as ReturnType<typeof live>).data.provider}`);
  }

  private take(...names: string[]): void {
    if (this.away) throw new Error('away');
    this.taken.push(...names);
  }
}

describe('event outbox', () => {
  let sink: Sink;
  let outbox: EventOutbox;
  beforeEach(() => {
    sink = new Sink();
    outbox = new EventOutbox({ events: sink, userId: 'ada', log: recordedLog() });
  });

  it('keeps the order of stored and live events', async () => {
    outbox.store(stored('a'));
    outbox.live(live('b'));
    outbox.store(stored('c'));
    outbox.store(stored('d'));
    outbox.live(live('e'));
    await outbox.flushed();
    expect(sink.taken).to.deep.equal(['a', 'live b', 'c', 'd', 'live e']);
  });

  it('keeps stored events over an outage, in order, and drops live ones', async () => {
    sink.away = true;
    outbox.store(stored('a'));
    outbox.live(live('b'));
    outbox.store(stored('c'));
    const flushed = outbox.flushed();
    await new Promise((resolve) => setImmediate(resolve));
    outbox.live(live('d'));
    outbox.store(stored('e'));
    sink.away = false;
    await flushed;
    expect(sink.taken).to.deep.equal(['a', 'c', 'e']);
    outbox.live(live('f'));
    await outbox.flushed();
    expect(sink.taken.at(-1)).to.equal('live f');
  });

  it('forgets nothing that is added in the moment it has become empty', async () => {
    for (let microtasks = 0; microtasks < 40; microtasks++) {
      outbox.store(stored('first'));
      for (let i = 0; i < microtasks; i++) await Promise.resolve();
      outbox.store(stored('second'));
      await outbox.flushed();
      expect(sink.taken.splice(0), `after ${microtasks}`).to.deep.equal(['first', 'second']);
    }
  });

  it('stops waiting when it is closed', async () => {
    sink.away = true;
    outbox.store(stored('a'));
    const flushed = outbox.flushed();
    outbox.close();
    await flushed;
    outbox.store(stored('b'));
    await outbox.flushed();
    expect(sink.taken).to.deep.equal([]);
  });
});
