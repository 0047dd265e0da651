import { mixedRequests } from '../../support/cluster/mixed-requests.ts';
import { delayStep } from '../../support/cluster/stage.ts';
import { failuresIn, SteadyTraffic } from '../../support/cluster/steady-traffic.ts';
import { whole } from './feeder.ts';
import type { Measurement } from './figure.ts';

const PER_SECOND = 100;

export const rollingRestart: Measurement = {
  figures: {
    failed: {
      about: `all replicas restarted one by one under ${PER_SECOND} requests/s → failed requests`,
      unit: 'requests',
      most: 0,
    },
  },
  stage: {
    durable: true,
    settings: {
      WEIR_MAX_WORKFLOWS: '50',
      WEIR_QUEUE_MAX: '100000',
      WEIR_QUEUE_MAX_PER_USER: '100000',
      WEIR_SHUTDOWN_GRACE_SECONDS: '3',
    },
  },
  async begin(stage) {
    const { cluster } = stage;
    const workflowId = await stage.workflow('short', delayStep('wait', 0));
    const once = async (n: number) => {
      const token = await cluster.token(`crowd-${n}`);
      const traffic = new SteadyTraffic(mixedRequests({ url: cluster.nginxUrl, token, workflowId }), PER_SECOND);
      await cluster.restart();
      const sent = await traffic.stop();
      for (const line of failuresIn(sent)) console.log(`  ${line}`);
      await whole(stage);
      return { failed: sent.filter(({ status }) => status < 200 || status > 299).length };
    };
    return { once, end: async () => {} };
  },
};
