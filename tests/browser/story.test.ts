import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { Crowd } from '../support/browser/crowd.ts';
import { glimpse } from '../support/browser/glimpse.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import type { Visitor } from '../support/browser/visitor.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';
import { SimulatedProviders } from '../support/providers/simulated-providers.ts';
import { until } from '../support/until.ts';
import { type ScriptedServer, scriptedServer } from '../support/worker/scripted-server.ts';

const STARTING = 'Your workflow is starting';

/** The acceptance criteria of the story, each as people see it in the console, with the crowd that it takes. Limit: 25 users. */
describe('the console under load', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;
  let crowd: Crowd;
  let providers: SimulatedProviders;
  let hooks: ScriptedServer;
  /** Calls of `until told` that have no answer yet. */
  const held: ServerResponse[] = [];

  before(async () => {
    hooks = await scriptedServer();
    hooks.script((response) => held.push(response));
  });
  browsedStage(
    {
      settings: {
        WEIR_MAX_WORKFLOWS: '2',
        WEIR_LLM_OPEN_SECONDS: '2',
        WEIR_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1!',
      },
    },
    async (opened) => {
      ({ stage, browsing } = opened);
      crowd = new Crowd(stage);
      providers = new SimulatedProviders(stage.cluster.simulator.url);
      const call = { url: hooks.url, timeout_seconds: 600 };
      await stage.workflow('until told', { name: 'call', type: 'webhook', config: call });
      await stage.workflow('long wait', delayStep('wait', 3_600));
      await stage.workflow('short wait', delayStep('wait', 2));
      await stage.workflow('question', { name: 'ask', type: 'llm', config: { prompt: 'What is a weir?' } });
    },
  );
  afterEach(async function () {
    this.timeout(TEST_MS);
    await crowd.clear();
    await stage.endRuns();
    await until(async () => (await stage.capacity()).level === 'normal', { timeoutMs: 90_000, what: 'a calm cluster' });
  });
  after(() => hooks?.close());

  it('when 20 of 25 are here, new workflows are queued, running ones continue, and everybody is told', async () => {
    const anna = await browsing.visit('anna');
    await crowd.makeUsers(19);
    const running = await anna.start('until told');
    await anna.becomes(running, 'running');
    expect(await anna.banner.count()).to.equal(0);

    await crowd.makeUsers(20);
    await anna.banner.getByText('High demand - new workflows may be delayed').waitFor();
    await anna.becomes(await anna.start('long wait'), 'running');
    const queued = await anna.start('short wait');
    await anna.becomes(queued, 'queued');
    await queued.getByText(/^Position \d+$/).waitFor();
    await queued.getByText(/starts in about|not known yet/).waitFor();
    await queued.getByRole('progressbar').waitFor();

    await anna.becomes(running, 'running');
    for (const response of held.splice(0)) response.end();
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
    const ids = (await Promise.all([first, second].map((card) => card.getAttribute('data-run')))).map(String);
    const told = await Promise.all([
      glimpse(anna.page, `[data-run="${ids[0]}"]`, STARTING),
      glimpse(bert.page, `[data-run="${ids[1]}"]`, STARTING),
    ]);

    for (const card of inTheWay) await anna.cancel(card);
    for (const itIs of told) await itIs();
    await anna.becomes(first, 'succeeded');
    await bert.becomes(second, 'succeeded');
    const runs = await stage.record.ended(ids, PATIENCE_MS);
    expect(Number(runs[0]?.startNo)).to.be.below(Number(runs[1]?.startNo));
  });

  it('under extreme load typing and presence are switched off first, while messages and workflows go on', async () => {
    const anna = await browsing.visit('anna');
    const bert = await browsing.visit('bert');
    const run = await anna.start('long wait');
    const runId = String(await run.getAttribute('data-run'));
    await anna.go(`/runs/${runId}`);
    await anna.page.getByRole('button', { name: 'Invite somebody' }).click();
    await anna.page.getByLabel('User id').fill('bert');
    const invited = await glimpse(bert.page, 'body', 'You were invited to the conversation about a workflow');
    await anna.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await invited();
    await bert.go(`/runs/${runId}`);
    await anna.page.locator('[data-presence=online]', { hasText: 'bert' }).waitFor();
    await typeUntilSeen(bert, 'Is it', anna);
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
    await other.becomes(started, 'succeeded');

    const back = await glimpse(anna.page, 'body', 'All features are back');
    await crowd.clear();
    await back();
    await anna.page.locator('[data-presence=online]', { hasText: 'bert' }).waitFor();
    await typeUntilSeen(bert, 'Thanks', anna);
  });

  it('when a provider is down, the backup answers and people read that responses may vary', async () => {
    await providers.set('primary', { mode: 'unavailable' });
    try {
      const anna = await browsing.visit('anna');
      await crowd.makeUsers(18);
      const told = await glimpse(anna.page, '[data-run]', 'Using alternative provider - responses may vary slightly');
      const run = await anna.start('question');
      await told();
      await anna.becomes(run, 'succeeded');
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

/** Types, and goes on until the other one sees it: it is shown for seconds, and not told before both pages know that it may be. */
async function typeUntilSeen(writer: Visitor, text: string, reader: Visitor): Promise<void> {
  const box = writer.page.getByLabel('Message', { exact: true });
  await box.pressSequentially(text);
  const seen = async () => {
    for (const key of [' ', 'Backspace']) await box.press(key);
    return reader.page.getByText('bert is typing …').isVisible();
  };
  await until(seen, { timeoutMs: PATIENCE_MS, what: 'the typing to be seen' });
}
