import { FED, Feeder, whole } from './feeder.ts';
import type { Measurement } from './figure.ts';

/** From the wish to stop it, so the time that Redis itself is away counts. */
export const redisRestarted: Measurement = {
  figures: { start: { about: 'Redis restarted, with its data → first start', unit: 'ms', most: 5_000 } },
  stage: { durable: true, settings: FED },
  async begin(stage) {
    const feeder = await Feeder.start(stage);
    const { redis } = stage.cluster;
    const once = async () => {
      const beganAt = Date.now();
      await redis.stop();
      const goneAt = Date.now();
      await redis.start();
      const start = (await feeder.firstStartAfter(goneAt)) - beganAt;
      await whole(stage);
      return { start };
    };
    return { once, end: () => feeder.stop() };
  },
};
