import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { graveFaults, overhang } from '../support/browser/accessibility.ts';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { Crowd } from '../support/browser/crowd.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import type { Stage } from '../support/cluster/stage.ts';
import { SimulatedProviders } from '../support/providers/simulated-providers.ts';
import { until } from '../support/until.ts';

const ALL_WELL = 'All systems are working';

describe('the status page', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;
  let page: Page;

  browsedStage({}, async (opened) => {
    ({ stage, browsing } = opened);
    page = await browsing.stranger();
  });

  it('tells a stranger, while degradation lasts, how things are, what is known, and when it may be over', async () => {
    await page.goto(`${stage.cluster.nginxUrl}/status`);
    await page.getByText(ALL_WELL).waitFor();
    const crowd = new Crowd(stage);
    await crowd.makeUsers(23);
    const providers = new SimulatedProviders(stage.cluster.simulator.url);
    await providers.set('primary', { mode: 'silent' });
    try {
      const ask = { name: 'ask', type: 'llm', config: { prompt: 'What is a weir?' } } as const;
      await stage.person('anna').start({ workflow_id: await stage.workflow('question', ask) });
      // Nobody loads it anew: it is live.
      await page.getByText('23 of 25').waitFor();
      await page.getByText(ALL_WELL).waitFor({ state: 'detached' });
      await page
        .getByText(/Expected to be over at|When it will be over is not known yet/)
        .first()
        .waitFor();
      expect(await graveFaults(page)).to.deep.equal([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await overhang(page), 'on a phone').to.equal(0);

      const reader = await browsing.stranger({ javaScriptEnabled: false });
      await reader.goto(`${stage.cluster.nginxUrl}/status`);
      await reader
        .getByText(/Expected to be over at|When it will be over is not known yet/)
        .first()
        .waitFor();
    } finally {
      await providers.set('primary', { mode: 'ok' });
      await crowd.clear();
    }
  });

  it('answers when every replica, Redis and Postgres are down, says as of when, and never that all is well', async () => {
    await Promise.all(stage.cluster.replicas.map((replica) => replica.kill()));
    await stage.cluster.redis.kill();
    await stage.cluster.postgres.stop();
    await page.getByText(/As of .*live data unavailable/).waitFor();
    for (const javaScriptEnabled of [true, false]) {
      const stranger = await browsing.stranger({ javaScriptEnabled });
      await stranger.goto(`${stage.cluster.nginxUrl}/status`);
      await stranger.getByText(/As of .*live data unavailable/).waitFor();
      expect(await stranger.getByText(ALL_WELL).count()).to.equal(0);
    }

    await stage.cluster.postgres.start();
    await stage.cluster.redis.start();
    await Promise.all(stage.cluster.replicas.map((replica) => replica.start()));
    await page.getByText(/live data unavailable/).waitFor({ state: 'detached', timeout: 90_000 });
    await until(async () => (await stage.capacity()).leader !== null, {
      timeoutMs: PATIENCE_MS,
      what: 'a leader again',
    });
  });
});
