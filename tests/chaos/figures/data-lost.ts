import { isDeepStrictEqual } from 'node:util';
import { redisCommand } from '../../../services/local/servers/redis-command.ts';
import { delayStep } from '../../support/cluster/stage.ts';
import { until } from '../../support/until.ts';
import type { Measurement } from './figure.ts';

const SLOTS = 10;
const WAITING = 1_000;
/** Starts at once while the queue is made. */
const BATCH = 50;

export const dataLost: Measurement = {
  figures: {
    queue: { about: 'data of Redis lost → 1,000 waiting runs are back in their order', unit: 'ms', most: 5_000 },
    slots: { about: 'data of Redis lost → all slots are held again by whom they belong to', unit: 'ms', most: 20_000 },
  },
  stage: {
    durable: true,
    settings: {
      WEIR_MAX_WORKFLOWS: String(SLOTS),
      WEIR_QUEUE_MAX: '100000',
      WEIR_QUEUE_MAX_PER_USER: '100000',
      WEIR_QUEUE_TIMEOUT_SECONDS: '80000',
    },
  },
  async begin(stage) {
    const { queue, cluster } = stage.store;
    const workflow_id = await stage.workflow('long', delayStep('wait', 3_600));
    const priorities = ['high', 'normal', 'low'] as const;
    for (let sent = 0; sent < SLOTS + WAITING; sent += BATCH) {
      const count = Math.min(BATCH, SLOTS + WAITING - sent);
      const starts = Array.from({ length: count }, (_, n) =>
        stage.person(`user-${n}`).start({ workflow_id, priority: priorities[n % priorities.length] ?? 'normal' }),
      );
      await Promise.all(starts);
    }
    const { port, password } = new URL(stage.cluster.redis.url);
    const server = { port: Number(port), password: decodeURIComponent(password) };
    const slots = async () => {
      const state = await cluster.read();
      return state.kind === 'state' ? state.slotsHeld : -1;
    };
    const waitingRuns = () => queue.listQueued(0, WAITING * 2);
    await until(async () => (await slots()) === SLOTS && (await waitingRuns()).length === WAITING, {
      timeoutMs: 30_000,
      what: `${SLOTS} slots held and ${WAITING} runs waiting`,
    });
    const once = async () => {
      const before = await waitingRuns();
      await redisCommand(server, ['FLUSHALL']);
      const lostAt = performance.now();
      const since = (what: string, holds: () => Promise<boolean>) =>
        until(holds, { timeoutMs: 60_000, what }).then(() => performance.now() - lostAt);
      const inOrder = since('the queue', async () => isDeepStrictEqual(await waitingRuns(), before));
      const held = since('the slots', async () => (await slots()) === SLOTS);
      return { queue: await inOrder, slots: await held };
    };
    return { once, end: async () => {} };
  },
};
