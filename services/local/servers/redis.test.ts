import { expect } from 'chai';
import { startRedis } from '../../../tests/support/redis.ts';
import { isPortFree } from './free-port.ts';

describe('a private Redis', () => {
  it('is gone only when its port is free, however it ended, so that it can be started there again', async () => {
    const redis = await startRedis({ durable: false });
    for (let round = 0; round < 30; round++) {
      await redis.kill();
      expect(await isPortFree(redis.port), `round ${round}`).to.equal(true);
      await redis.start();
    }
    await redis.stop();
  });
});
