import { FED, Feeder, whole } from './feeder.ts';
import type { Measurement } from './figure.ts';

export const leaderKilled: Measurement = {
  figures: { start: { about: 'leader killed → next start by another', unit: 'ms', most: 6_000 } },
  stage: { durable: true, settings: FED },
  async begin(stage) {
    const feeder = await Feeder.start(stage);
    const once = async () => {
      const leader = await stage.leader();
      await leader.kill();
      const killedAt = Date.now();
      // Before that, slots change hands on the word of the dead one.
      await stage.leader();
      const start = (await feeder.firstStartAfter(Date.now())) - killedAt;
      await leader.start();
      await whole(stage);
      return { start };
    };
    return { once, end: () => feeder.stop() };
  },
};
