import { expect } from 'chai';
import { ChatStage } from '../../../tests/support/api/chat-stage.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { type PrivateRedis, startRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { upTo } from '../../../tests/support/up-to.ts';
import { Delivery } from './delivery.ts';

describe('delivery of messages', () => {
  let stage: ChatStage;
  let names = 0;
  const deliveries: Delivery[] = [];

  before(async () => {
    stage = await ChatStage.open();
  });
  after(async () => {
    await Promise.all(deliveries.map((delivery) => delivery.stop()));
    await stage.close();
  });
  let runId: string;
  let streamed: number;
  beforeEach(async () => {
    // Streams are people's, not runs': what the others left in them is skipped.
    runId = await stage.start('ann');
    await stage.invite('ann', 'bob', runId);
    streamed = (await stage.stream('bob')).length;
  });

  /** As a replica that dies between Postgres and Redis: stored, and told to nobody. */
  const storeOnly = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const message = { runId, sender: 'ann', clientId: `lost-${++names}`, body: 'left behind' };
      await stage.one.database.messages.post(message);
    }
  };
  const inStream = async (userId: string) =>
    (await stage.stream(userId)).flatMap(({ type, data }) => {
      const message = data as { run_id: string; seq: number };
      return type === 'CHAT_MESSAGE' && message.run_id === runId ? [message.seq] : [];
    });
  const say = (text: string) =>
    stage.ask('bob', 'POST', '/messages', { client_message_id: `m-${++names}`, text }, runId);
  const arrived = (userId: string, count: number) =>
    until(async () => (await inStream(userId)).length >= count, { timeoutMs: 5_000, what: `${count} messages` });
  const marked = async () => {
    const waiting = await stage.one.database.messages.undelivered(0, 100);
    return !waiting.some((chat) => chat.runId === runId);
  };
  const delivery = (changes: Partial<ConstructorParameters<typeof Delivery>[0]> = {}) => {
    const { redis, database, metrics } = stage.one;
    const { events, channels } = redis;
    const messages = database.messages;
    const made = new Delivery({ messages, events, channels, metrics, log: recordedLog(), ...changes });
    deliveries.push(made);
    return made;
  };

  it('a message that a dead replica left behind goes before the next one, in every stream', async () => {
    await storeOnly(3);
    expect((await say('and on we go')).body.seq).to.equal(4);
    for (const person of ['ann', 'bob']) {
      await arrived(person, 4);
      expect(await inStream(person)).to.deep.equal(upTo(4));
    }
    await until(marked, { timeoutMs: 5_000, what: 'the mark' });
  });

  it('without a next one it is found by whoever looks, more of them than one page, and counted as late', async () => {
    await storeOnly(45);
    const looker = delivery({ lookEveryMs: 20, overdueMs: 0 });
    const late = await metricValue(stage.one.metrics.chat.delivered, { way: 'late' });
    await looker.start();
    await arrived('bob', 45);
    expect(await inStream('bob')).to.deep.equal(upTo(45));
    expect(await inStream('ann')).to.deep.equal(upTo(45));
    await until(marked, { timeoutMs: 5_000, what: 'the mark' });
    await looker.stop();
    expect((await metricValue(stage.one.metrics.chat.delivered, { way: 'late' })) - late).to.be.at.least(45);
  });

  it('one that is under way is left to the replica that has it, until it is overdue', async () => {
    await storeOnly(1);
    await delivery().look(60_000);
    expect(await inStream('bob')).to.deep.equal([]);
    const looker = delivery();
    await looker.start();
    await looker.look(0);
    expect(await inStream('bob')).to.deep.equal([1]);
    await looker.stop();
  });

  it('many replicas that deliver the same messages at once make one of each, in order', async () => {
    await storeOnly(30);
    const [chat] = (await stage.one.database.messages.undelivered(0, 100)).filter((each) => each.runId === runId);
    if (chat === undefined) throw new Error('nothing to deliver');
    await Promise.all(Array.from({ length: 6 }, () => delivery().deliver(chat)));
    expect(await inStream('bob')).to.deep.equal(upTo(30));
    expect(await inStream('ann')).to.deep.equal(upTo(30));
  });

  it('what Redis did not take is not marked, and delivered by the next look', async () => {
    await storeOnly(2);
    const [chat] = (await stage.one.database.messages.undelivered(0, 100)).filter((each) => each.runId === runId);
    if (chat === undefined) throw new Error('nothing to deliver');
    const deaf = delivery({ events: { publish: () => Promise.reject(new Error('away')) } });
    await deaf.deliver(chat);
    await deaf.stop();
    expect(await marked()).to.equal(false);
    await delivery().deliver(chat);
    expect(await inStream('bob')).to.deep.equal([1, 2]);
    expect((await stage.stream('bob')).length).to.equal(streamed + 2);
  });
});

describe('chat while Redis is away', () => {
  let redis: PrivateRedis;
  let stage: ChatStage;
  before(async () => {
    redis = await startRedis();
    stage = await ChatStage.open({ redisUrl: redis.url });
  });
  after(async () => {
    await stage.close();
    await redis.stop();
  });

  it('messages are taken without waiting for it, and are in the streams in their order when it is back', async () => {
    await stage.say('ann', 'one');
    await stage.delivered('bob', 1);
    await redis.kill();
    const begun = performance.now();
    for (const text of ['two', 'three', 'four']) expect((await stage.say('bob', text)).status).to.equal(201);
    expect(performance.now() - begun).to.be.below(3_000);
    expect((await stage.ask('ann', 'GET', '/messages')).body.last_seq).to.equal(4);
    await redis.start();
    expect(await stage.delivered('bob', 4, 15_000)).to.deep.equal(upTo(4));
    expect(await stage.delivered('ann', 4)).to.deep.equal(upTo(4));
  });
});
