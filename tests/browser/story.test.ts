import { expect } from 'chai';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { Crowd } from '../support/browser/crowd.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';
import { SimulatedProviders } from '../support/providers/simulated-providers.ts';
import { until } from '../support/until.ts';

/** The acceptance criteria of the story, each as people see it in the console, with the crowd that it takes. Limit: 25 users. */
describe('the console under load', function () {
  this.timeout(90_000);
  let stage: Stage;
  let browsing: Browsing;
  let crowd: Crowd;
  let providers: SimulatedProviders;

  browsedStage({ settings: { WEIR_MAX_WORKFLOWS: '2', WEIR_LLM_OPEN_SECONDS: '2' } }, async (opened) => {
    ({ stage, browsing } = opened);
    crowd = new Crowd(stage);
    providers = new SimulatedProviders(stage.cluster.simulator.url);
    await stage.workflow('long wait', delayStep('wait', 8));
    await stage.workflow('short wait', delayStep('wait', 2));
    await stage.workflow('question', { name: 'ask', type: 'llm', config: { prompt: 'What is a weir?' } });
  });
  afterEach(async () => {
    await crowd.clear();
    await until(async () => (await stage.capacity()).level === 'normal', { timeoutMs: 30_000, what: 'a calm cluster' });
  });

  it('when 20 of 25 are here, new workflows are queued, running ones continue, and everybody is told', async () => {
    const anna = await browsing.visit('anna');
    await crowd.makeUsers(19);
    const running = await anna.start('long wait');
    await anna.becomes(running, 'running');
    expect(await anna.banner.count()).to.equal(0);

    await crowd.makeUsers(20);
    await anna.banner.getByText('High demand - new workflows may be delayed').waitFor();
    await anna.start('long wait');
    const queued = await anna.start('short wait');
    await anna.becomes(queued, 'queued');
    await queued.getByText(/^Position \d+$/).waitFor();
    await queued.getByText(/starts in about|not known yet/).waitFor();
    await queued.getByRole('progressbar').waitFor();

    await anna.becomes(running, 'succeeded');
  });

  it('when capacity becomes available, queued workflows start in order and their owners are told', async () => {
    const anna = await browsing.visit('anna');
    const bert = await browsing.visit('bert');
    await crowd.makeUsers(20);
    const inTheWay = [await anna.start('long wait'), await anna.start('long wait')];
    for (const card of inTheWay) await anna.becomes(card, 'running');
    const first = await anna.start('short wait');
    await anna.becomes(first, 'queued');
    const second = await bert.start('short wait');
    await bert.becomes(second, 'queued');
    await second.getByText('Position 2').waitFor();

    for (const card of inTheWay) {
      await card.getByRole('button', { name: /^Cancel/ }).click();
      await anna.page.getByRole('button', { name: 'Cancel the run' }).click();
      await anna.becomes(card, 'cancelled');
    }
    await first.getByText('Your workflow is starting').waitFor();
    await second.getByText('Your workflow is starting').waitFor();
    await anna.becomes(first, 'succeeded');
    await bert.becomes(second, 'succeeded');
    const ids = await Promise.all([first, second].map((card) => card.getAttribute('data-run')));
    const runs = await stage.record.ended(ids.map(String), 5_000);
    expect(Number(runs[0]?.startedAt)).to.be.at.most(Number(runs[1]?.startedAt));
  });

  it('under extreme load typing and presence are switched off first, while messages and workflows go on', async () => {
    const anna = await browsing.visit('anna');
    const bert = await browsing.visit('bert');
    const run = await anna.start('long wait');
    const runId = String(await run.getAttribute('data-run'));
    await anna.go(`/runs/${runId}`);
    await anna.page.getByRole('button', { name: 'Invite somebody' }).click();
    await anna.page.getByLabel('User id').fill('bert');
    await anna.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await bert.page.getByText('You were invited to the conversation about a workflow').waitFor();
    await bert.go(`/runs/${runId}`);
    await anna.page.locator('[data-presence=online]', { hasText: 'bert' }).waitFor();
    await bert.page.getByLabel('Message', { exact: true }).pressSequentially('Is it');
    await anna.page.getByText('bert is typing …').waitFor();
    await anna.page.locator('[data-typing="0"]').waitFor();

    await crowd.makeUsers(23);
    await anna.banner.getByText('Very high demand - some live features are paused, your workflows go on').waitFor();
    await anna.banner.getByText(/Off for now: .*read receipts.*presence.*typing/).waitFor();
    await bert.page.getByLabel('Message', { exact: true }).pressSequentially(' done?');
    await bert.page.keyboard.press('Enter');
    await anna.page.getByText('Is it done?').waitFor();
    expect(await anna.page.locator('[data-typing="0"]').count(), 'nobody was shown typing').to.equal(1);

    const other = await browsing.visit('carl');
    const started = await other.start('short wait');
    await other.becomes(started, 'succeeded', 30_000);

    await crowd.clear();
    await anna.page.getByText('All features are back').waitFor({ timeout: 30_000 });
    await anna.page.locator('[data-presence=online]', { hasText: 'bert' }).waitFor();
    await bert.page.getByLabel('Message', { exact: true }).pressSequentially('Thanks');
    await anna.page.getByText('bert is typing …').waitFor();
  });

  it('when a provider is down, the backup answers and people read that responses may vary', async () => {
    await providers.set('primary', { mode: 'unavailable' });
    try {
      const anna = await browsing.visit('anna');
      await crowd.makeUsers(18);
      const run = await anna.start('question');
      await run.getByText('Using alternative provider - responses may vary slightly').waitFor();
      await anna.becomes(run, 'succeeded', 40_000);
      await run.getByRole('link', { name: 'question' }).click();
      await anna.page
        .getByText(/backup/)
        .first()
        .waitFor();
    } finally {
      await providers.set('primary', { mode: 'ok' });
    }
  });
});
