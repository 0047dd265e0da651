import { expect } from 'chai';
import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { type TestRedis, testRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { CapacityView } from './capacity-view.ts';
import { LimitsWatch } from './limits-watch.ts';
import { RefusalHints } from './refusal-hints.ts';

describe('what a replica remembers of the limits', () => {
  let redis: TestRedis;
  let here: RedisStore;
  let elsewhere: RedisStore;

  before(async () => {
    redis = await testRedis();
    const open = () => createRedisStore({ url: redis.url, prefix: redis.prefix, log: recordedLog() });
    here = open();
    elsewhere = open();
    await Promise.all([here, elsewhere].map((store) => store.connections.ready()));
    await here.rebuild.begin(1);
    const limits = { ...TEST_LIMITS, queue_timeout_seconds: 100 };
    await here.rebuild.finish(1, { generation: 'first', maxGrantNo: 0, limits });
  });
  after(async () => {
    await Promise.all([here.close(), elsewhere.close()]);
    await redis.close();
  });

  it('is what the cluster has when the replica starts, and follows every change made elsewhere, until it stops', async () => {
    const view = new CapacityView(here.cluster, TEST_LIMITS);
    // A clock that stands: what is refused stays refused unless it is forgotten.
    const hints = new RefusalHints(() => 0);
    const watch = new LimitsWatch({ channels: here.channels, view, hints });
    await watch.start();
    expect(view.limits.queue_timeout_seconds).to.equal(100);

    hints.learn('user_queue_full', 'ada');
    await elsewhere.cluster.setLimits({ ...TEST_LIMITS, queue_timeout_seconds: 200 });
    await until(() => view.limits.queue_timeout_seconds === 200, { timeoutMs: 5_000, what: 'the new limit' });
    expect(hints.refusalFor('ada')).to.equal(null);

    await watch.stop();
    hints.learn('user_queue_full', 'ada');
    let woken = false;
    here.channels.onWake(() => {
      woken = true;
    });
    await elsewhere.cluster.setLimits(TEST_LIMITS);
    await until(() => woken, { timeoutMs: 5_000, what: 'the change to be heard' });
    expect(hints.refusalFor('ada')).to.equal('user_queue_full');
  });
});
