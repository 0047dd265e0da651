import { whole } from './feeder.ts';
import type { Measurement } from './figure.ts';
import { Asker } from './first-accept.ts';

/** From the death of the primary, with an order to promote at once: how long a failover manager takes to be sure of the death is up to it. */
export const standbyPromoted: Measurement = {
  figures: { accept: { about: 'Postgres killed, standby promoted → first start accepted', unit: 'ms', most: 10_000 } },
  stage: { durable: true, standby: true },
  async begin(stage) {
    const asker = await Asker.start(stage);
    const { cluster } = stage;
    const once = async () => {
      const beganAt = performance.now();
      await cluster.postgres.kill();
      const goneAt = performance.now();
      await cluster.promoteStandby();
      const accept = (await asker.firstAfter(goneAt)) - beganAt;
      await cluster.standby?.start();
      await whole(stage);
      return { accept };
    };
    return { once, end: () => asker.stop() };
  },
};
