import { expect } from 'chai';
import { recordedLog } from '../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../tests/support/redis.ts';
import { until } from '../tests/support/until.ts';
import { createRedisStore, type RedisStore } from './store.ts';

/** A server of its own: it is restarted. */
describe('channels', () => {
  let server: PrivateRedis;
  let store: RedisStore;
  const log = recordedLog();

  before(async () => {
    server = await startRedis({ durable: false });
  });
  beforeEach(async () => {
    store = createRedisStore({ url: server.url, prefix: 'test', log });
    await new Promise<void>((resolve) => store.channels.onResubscribed(resolve));
  });
  afterEach(() => store.close());
  after(() => server.stop());

  const next = <Message>(listen: (handler: (message: Message) => void) => () => void) =>
    new Promise<Message>((resolve) => listen(resolve));
  const publish = (channel: string, message: string) =>
    store.connections.command.publish(`test:{cap}:${channel}`, message);
  const frame = { type: 'PONG', data: {}, at: 'now' } as const;

  it('delivers wake-ups, orders, levels and the leaving of a leader to those who listen', async () => {
    const wake = next((handler) => store.channels.onWake(() => handler('woken')));
    const control = next((handler) => store.channels.onControl(handler));
    const announce = next((handler) => store.channels.onAnnounce(handler));
    const left = next((handler) => store.channels.onLeaderLeft(() => handler('left')));
    await publish('wake', 'queued');
    await publish('control', '{"kind":"cancel","runId":"r"}');
    await publish('announce', '{"level":"normal"}');
    await store.channels.announceLeaderLeft();
    expect(await Promise.all([wake, control, announce, left])).to.deep.equal([
      'woken',
      { kind: 'cancel', runId: 'r' },
      { level: 'normal' },
      'left',
    ]);
  });

  it('delivers nothing any more to who has taken the wish back', async () => {
    const heard: string[] = [];
    store.channels.onWake(() => heard.push('first'))();
    await store.channels.subscribeUser('ann', () => heard.push('ann'));
    await store.channels.unsubscribeUser('ann');
    const woken = next((handler) => store.channels.onWake(() => handler(true)));
    await store.events.publishLive('ann', frame);
    await publish('wake', '');
    await woken;
    expect(heard).to.deep.equal([]);
  });

  it("a user's frames reach only the handler of that user, and one that throws harms nobody", async () => {
    const heard: string[] = [];
    store.channels.onWake(() => {
      throw new Error('bad listener');
    });
    store.channels.onWake(() => heard.push('wake'));
    await store.channels.subscribeUser('ann', () => heard.push('ann'));
    await store.channels.subscribeUser('bob', () => heard.push('bob'));
    await publish('wake', '');
    await store.events.publishLive('bob', frame);
    await store.events.publishLive('ann', frame);
    await until(() => heard.length === 3, { timeoutMs: 5_000, what: 'three messages' });
    expect(heard).to.deep.equal(['wake', 'bob', 'ann']);
    expect(log.lines.some(({ message }) => message.includes('listener'))).to.equal(true);
  });

  it('every wish holds again after the connection was lost, and the loss is told', async () => {
    const heard: string[] = [];
    await store.channels.subscribeUser('ann', () => heard.push('ann'));
    store.channels.onWake(() => heard.push('wake'));
    await server.kill();
    await until(() => !store.connections.up, { timeoutMs: 5_000, what: 'the loss to be noticed' });
    const joined = await store.channels
      .subscribeUser('bob', () => heard.push('bob'))
      .catch((error: Error) => error.name);
    expect(joined).to.equal('RedisUnavailable');
    const back = next<void>((handler) => store.channels.onResubscribed(handler));
    await server.start();
    await back;
    await store.connections.ready();
    await publish('wake', '');
    await store.events.publishLive('ann', frame);
    await store.events.publishLive('bob', frame);
    await until(() => heard.length === 3, { timeoutMs: 5_000, what: 'three messages' });
    expect(heard).to.deep.equal(['wake', 'ann', 'bob']);
  });

  it('subscribes thousands of users anew', async () => {
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => store.channels.subscribeUser(`u${index}`, () => {})));
    const back = next<void>((handler) => store.channels.onResubscribed(handler));
    store.connections.subscriber.disconnect(true);
    await back;
    expect(await store.connections.command.pubsub('NUMSUB', 'test:{u:u2499}:events')).to.deep.equal([
      'test:{u:u2499}:events',
      1,
    ]);
  });
});
