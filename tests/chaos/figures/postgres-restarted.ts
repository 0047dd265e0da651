import { whole } from './feeder.ts';
import type { Measurement } from './figure.ts';
import { Asker } from './first-accept.ts';

/** From the wish to stop it, so the time that Postgres itself is away counts. */
export const postgresRestarted: Measurement = {
  figures: { accept: { about: 'Postgres restarted → first start accepted', unit: 'ms', most: 5_000 } },
  stage: { durable: true },
  async begin(stage) {
    const asker = await Asker.start(stage);
    const { postgres } = stage.cluster;
    const once = async () => {
      const beganAt = performance.now();
      await postgres.stop();
      const goneAt = performance.now();
      await postgres.start();
      const accept = (await asker.firstAfter(goneAt)) - beganAt;
      await whole(stage);
      return { accept };
    };
    return { once, end: () => asker.stop() };
  },
};
