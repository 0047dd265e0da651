import { expect } from 'chai';
import type { RunAnswer } from '../../shared/protocol/http.ts';
import { isFinal } from '../../shared/workflow/run-state.ts';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { glimpse } from '../support/browser/glimpse.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

describe('people who use the console', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;

  browsedStage({}, (opened) => {
    ({ stage, browsing } = opened);
  });
  afterEach(() => stage.endRuns());

  it('write a workflow, told at every key what is missing, start it, and read what the model says as it comes', async () => {
    const anna = await browsing.visit('anna');
    const { page } = anna;
    await anna.turnTo('Workflows');
    await page.getByRole('link', { name: 'Write a new workflow' }).click();
    await page.getByText('2 things are still missing.').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('tides');
    await page.getByLabel('Prompt', { exact: true }).fill('Explain {{payload.topic}}');
    await page.getByText('Ready to be saved.').waitFor();
    await page.getByRole('button', { name: 'Wait', exact: true }).click();
    await page.getByLabel('Wait (s)').fill('soon');
    await page.getByText('Must be a number.').waitFor();
    await page.getByLabel('Wait (s)').fill('0.5');
    await page.getByText('Ready to be saved.').waitFor();
    await page.getByRole('button', { name: 'Write it as JSON' }).click();
    expect(JSON.parse(await page.getByLabel('JSON').inputValue())).to.deep.equal({
      name: 'tides',
      steps: [
        { name: 'step-1', type: 'llm', config: { prompt: 'Explain {{payload.topic}}' } },
        { name: 'step-2', type: 'delay', config: { duration: 0.5 } },
      ],
    });
    await page.getByRole('button', { name: 'Save', exact: true }).click();

    await page.getByLabel('Payload (JSON, optional)').fill('{"topic": "neap tides"');
    await page.getByText('This is not JSON').waitFor();
    await page.getByLabel('Payload (JSON, optional)').press('End');
    await page.getByLabel('Payload (JSON, optional)').pressSequentially('}');
    const said = await glimpse(page, '[data-run]', 'You asked: "Explain neap tides');
    const card = await anna.start('tides');
    await said();
    await anna.becomes(card, 'succeeded');
    await card.getByRole('link', { name: 'tides' }).click();
    await page.getByRole('heading', { name: 'Result' }).waitFor();

    await anna.turnTo('History');
    await page.getByLabel('Search').fill('tid');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('table').getByRole('link', { name: 'tides' }).waitFor();
    await page.getByLabel('Status').selectOption('failed');
    await page.getByText('No run fits.').waitFor();
  });

  it('are told why a run failed, and let it go on from where it did', async () => {
    await stage.workflow('call out', {
      name: 'call',
      type: 'webhook',
      config: { url: 'https://not-allowed.example/hook' },
    });
    const anna = await browsing.visit('anna');
    const card = await anna.start('call out');
    const runId = String(await card.getAttribute('data-run'));
    await anna.becomes(card, 'failed');
    await card.getByText(/not on the list|not allowed/i).waitFor();
    // What the card says meanwhile is gone within milliseconds: the record knows that the run ended twice.
    const end = async () => (await stage.record.runs([runId]))[0]?.finishedAt ?? null;
    const first = await end();
    await card.getByRole('button', { name: 'Retry from where it failed' }).click();
    await until(async () => ![null, first].includes(await end()), {
      timeoutMs: PATIENCE_MS,
      what: 'a second end of the run',
    });
    await anna.becomes(card, 'failed');
  });

  it('see that a run has ended, also when an answer that was asked for before comes after its end', async () => {
    await stage.workflow('cut short', delayStep('wait', 3_600));
    const anna = await browsing.visit('anna');
    let letGo = () => {};
    const ended = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let early = 0;
    await anna.page.route(/\/api\/v1\/runs\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      const { status } = (await response.json()) as RunAnswer;
      if (!isFinal(status)) {
        early += 1;
        await ended;
      }
      await route.fulfill({ response });
    });
    const card = await anna.start('cut short');
    await anna.becomes(card, 'running');
    await until(() => early > 0, { timeoutMs: PATIENCE_MS, what: 'a reading of the run' });
    await stage
      .person('anna')
      .api()
      .cancel(String(await card.getAttribute('data-run')));
    await anna.becomes(card, 'cancelled');
    letGo();
    // The start is over when its reading of the run is.
    await anna.page.locator('button[type=submit]:not([aria-busy=true])', { hasText: 'Start' }).waitFor();
    expect(await card.getAttribute('data-status')).to.equal('cancelled');
  });

  it('talk beside a run, with what was said while one of them was away, and read marks', async () => {
    await stage.workflow('talked about', delayStep('wait', 3_600));
    const anna = await browsing.visit('anna');
    const card = await anna.start('talked about');
    const runId = String(await card.getAttribute('data-run'));
    await anna.go(`/runs/${runId}`);
    await anna.page.getByRole('button', { name: 'Invite somebody' }).click();
    await anna.page.getByLabel('User id').fill('bert');
    await anna.page.getByRole('button', { name: 'Invite', exact: true }).click();
    await anna.page.getByLabel('People in this conversation').getByText('bert').waitFor();
    const write = async (text: string) => {
      await anna.page.getByLabel('Message', { exact: true }).fill(text);
      await anna.page.keyboard.press('Enter');
    };
    await write('Before you came');

    const bert = await browsing.visit('bert');
    await bert.turnTo('Conversations');
    await bert.page.getByText('1 new').waitFor();
    await bert.page.getByRole('link', { name: 'talked about' }).click();
    await bert.page.getByText('Before you came').waitFor();
    await anna.page.getByText('Read by bert').waitFor();
    expect(await bert.page.getByRole('button', { name: /^Cancel/ }).count(), 'it is not his run').to.equal(0);

    await bert.page.goto('about:blank');
    await write('While you were away');
    await anna.page.getByText('While you were away').waitFor();
    await bert.go(`/runs/${runId}`);
    await bert.page.getByText('While you were away').waitFor();
    const words = await bert.page.getByRole('log').locator('[data-seq]').allInnerTexts();
    expect(words.map((text) => text.split('\n').at(-1))).to.deep.equal(['Before you came', 'While you were away']);
  });

  it('watch several runs side by side, from two tabs that agree', async () => {
    await stage.workflow('one', delayStep('wait', 2));
    await stage.workflow('two', delayStep('wait', 2));
    const [left, right] = [await browsing.visit('carl'), await browsing.visit('carl')];
    const [one, two] = [await left.start('one'), await right.start('two')];
    const ids = [String(await one.getAttribute('data-run')), String(await two.getAttribute('data-run'))];
    for (const tab of [left, right]) for (const id of ids) await tab.becomes(tab.card(id), 'succeeded');
  });

  it('are let in with a token that is right and told what is wrong with another', async () => {
    const page = await browsing.stranger();
    await page.goto(`${stage.cluster.nginxUrl}/console/runs`);
    await page.getByLabel('Access token').fill('nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not an access token').waitFor();
    const forged = (await stage.cluster.token('anna')).replace(/[^.]+$/, 'AAAA');
    await page.getByLabel('Access token').fill(forged);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Access token').fill(await stage.cluster.token('anna'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    await page.context().close();
  });
});
