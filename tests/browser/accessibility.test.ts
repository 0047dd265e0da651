import { expect } from 'chai';
import { graveFaults, overhang } from '../support/browser/accessibility.ts';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';

/** Every page, with something on it. */
const PAGES = [
  '/',
  '/workflows',
  '/workflows/new',
  '/runs',
  '/chats',
  '/operations',
  '/operations/history',
  '/operations/queue',
  '/operations/limits',
  '/operations/providers',
  '/operations/incidents',
];
const SCREENS = [
  { name: 'desk, light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'tablet, dark', viewport: { width: 800, height: 1100 }, colorScheme: 'dark' },
  { name: 'phone, light', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

describe('the console for everybody', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;
  let run: string;

  browsedStage({ settings: { WEIR_MAX_WORKFLOWS: '1' } }, async (opened) => {
    ({ stage, browsing } = opened);
    const ask = { name: 'ask', type: 'llm', config: { prompt: 'What is a weir?' } } as const;
    const answered = await stage.workflow('question', ask);
    const waiting = await stage.workflow(
      'a-workflow-with-a-name-that-is-so-long-that-no-phone-has-room',
      delayStep('wait', 3_600),
    );
    const started = await stage.admin.start({ workflow_id: answered });
    run = started.body.run_id;
    await stage.record.ended([run], PATIENCE_MS);
    for (let n = 1; n <= 3; n++) await stage.admin.start({ workflow_id: waiting });
  });

  for (const { name, ...screen } of SCREENS) {
    it(`has nothing on any page that axe finds serious, and nothing wider than the screen (${name})`, async () => {
      const sre = await browsing.visit('root', { role: 'admin', ...screen });
      for (const path of [...PAGES, `/runs/${run}`]) {
        await sre.go(path);
        await sre.page.locator('main h1').waitFor();
        await sre.page.locator('main :text-matches("^(Reading|Loading)")').first().waitFor({ state: 'detached' });
        expect(await graveFaults(sre.page), path).to.deep.equal([]);
        expect(await overhang(sre.page), `${path}: too wide`).to.equal(0);
      }
    });
  }

  it('is used by keyboard alone: skip to the page, choose, start, and cancel', async () => {
    await stage.admin.api().patchCapacity({ max_workflows: 5 });
    const anna = await browsing.visit('anna');
    const { keyboard } = anna.page;
    await anna.page.getByRole('option', { name: /^a-work/ }).waitFor({ state: 'attached' });
    await keyboard.press('Tab');
    expect(await anna.page.evaluate('document.activeElement.textContent')).to.match(/Skip to the page/);
    await keyboard.press('Enter');
    await anna.page.locator('main:focus').waitFor();
    await keyboard.press('Tab');
    expect(await anna.page.evaluate('document.activeElement.tagName')).to.equal('SELECT');
    await keyboard.type('a-work');
    for (let n = 0; n < 3; n++) await keyboard.press('Tab');
    await keyboard.press('Enter');
    const card = anna.page.locator('[data-run]').first();
    await anna.becomes(card, 'running');
    await card.getByRole('button', { name: /^Cancel/ }).focus();
    await keyboard.press('Enter');
    await anna.page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).focus();
    await keyboard.press('Enter');
    await anna.becomes(card, 'cancelled');
  });
});
