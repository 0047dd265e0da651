import { expect } from 'chai';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { glimpse } from '../support/browser/glimpse.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

describe('the console while replicas die', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;

  browsedStage({}, async (opened) => {
    ({ stage, browsing } = opened);
    await stage.workflow('steps', ...[1, 2, 3, 4, 5, 6].map((n) => delayStep(`step-${n}`, 1)));
    await stage.workflow('long wait', delayStep('wait', 3_600));
  });

  it('says that it reconnects, is live on another replica, and shows everything that happened meanwhile', async () => {
    const anna = await browsing.visit('anna');
    const card = await anna.start('steps');
    await card.getByText('step-2').waitFor();
    const replicaOf = async () => /replica-\d+/.exec(await anna.page.locator('[data-connection]').innerText())?.[0];
    const before = await replicaOf();
    const dying = stage.cluster.replicas.find(({ id }) => id === before);
    const reconnecting = await glimpse(anna.page, '[data-connection]:not([data-connection=live])');
    await dying?.kill();
    await reconnecting();
    await anna.connected();
    const after = await replicaOf();
    expect(after).to.be.a('string').and.not.equal(before);
    await anna.becomes(card, 'succeeded');
    await card.getByRole('link', { name: 'steps' }).click();
    for (const n of [1, 2, 3, 4, 5, 6]) await anna.page.getByText(`step-${n}`).waitFor();

    // The replica comes back and the one the page went to dies: back again.
    await dying?.start();
    await stage.cluster.replicas.find(({ id }) => id === after)?.kill();
    await until(async () => (await anna.connection()) === 'live' && (await replicaOf()) !== after, {
      timeoutMs: PATIENCE_MS,
      what: 'the page to be live elsewhere',
    });
    const again = await anna.start('long wait');
    await anna.becomes(again, 'running');
    await anna.cancel(again);
    await stage.cluster.replicas.find(({ id }) => id === after)?.start();
  });
});
