import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { graveFaults, overhang } from '../support/browser/accessibility.ts';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import type { Visitor } from '../support/browser/visitor.ts';
import type { Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

/** A cluster as in its first seconds, for as long as a test wants: what would be known of it is dropped on its way into the table. */
const KEEP_NOTHING = `
  CREATE FUNCTION keep_nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
  CREATE TRIGGER keep_nothing BEFORE INSERT ON samples FOR EACH ROW EXECUTE FUNCTION keep_nothing();
  DELETE FROM samples`;
const KEEP_AGAIN = 'DROP TRIGGER keep_nothing ON samples';

/** Ways for a browser to fail a page with graphs: while it is drawn, and in an effect after that. */
const FAULTS = [
  {
    when: 'while it is drawn',
    code: 'Number.prototype.toLocaleString = () => { throw new Error("no figures today") }',
  },
  { when: 'after it was drawn', code: 'matchMedia = () => { throw new Error("no figures today") }' },
];

describe('the console when something is missing or breaks', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;
  let sre: Visitor;
  let page: Page;
  /** Readings of the history since the test began, and when that was. */
  let readings: number;
  let begunAt: number;
  /** What a test reads however fast it is, and one for each 5 s that it takes. */
  const calm = () => 6 + (performance.now() - begunAt) / 5_000;

  browsedStage({}, (opened) => {
    ({ stage, browsing } = opened);
  });
  beforeEach(async () => {
    sre = await browsing.visit('sre', { role: 'admin' });
    ({ page } = sre);
    readings = 0;
    begunAt = performance.now();
    page.on('request', (request) => {
      if (request.url().includes('/admin/history')) readings += 1;
    });
  });

  it('shows graphs without lines while a cluster has no past, and the first figures as soon as there are some', async () => {
    await stage.record.query(KEEP_NOTHING);
    await sre.turnTo('Cluster');
    const users = page.getByRole('figure', { name: /^Users\./ });
    await users.and(page.getByRole('figure', { name: /here: not known/ })).waitFor();
    await users.locator('canvas').waitFor();
    await users.getByText('–').first().waitFor();
    // Twice more, with nothing new each time.
    await until(() => readings >= 3, { timeoutMs: PATIENCE_MS, what: 'the page to read again' });
    expect(await page.locator('canvas').count()).to.equal(6);
    await sre.turnTo('Graphs');
    await page.getByText('Nothing is known yet.').waitFor();
    expect(readings, 'no storm of readings').to.be.at.most(calm());

    await stage.record.query(KEEP_AGAIN);
    await page
      .getByRole('figure', { name: /^Users\. here: 1 now/ })
      .locator('canvas')
      .waitFor();
    await sre.turnTo('Cluster');
    await page
      .getByRole('figure', { name: /^Users\. here: 1 now/ })
      .locator('canvas')
      .waitFor();
  });

  for (const { when, code } of FAULTS) {
    it(`says so when a page fails ${when}, keeps the other pages going, and shows the page again on demand`, async () => {
      await page.evaluate(`{ globalThis.whole = [Number.prototype.toLocaleString, matchMedia]; ${code} }`);
      await sre.turnTo('Cluster');
      await page.getByRole('heading', { name: 'This page has run into an error' }).waitFor();
      await page.getByRole('alert').getByText('no figures today').waitFor();
      expect(await graveFaults(page)).to.deep.equal([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await overhang(page), 'on a phone').to.equal(0);

      await sre.turnTo('Conversations');
      await page.getByText('None yet.').waitFor();
      await sre.turnTo('Cluster');
      const again = page.getByRole('button', { name: 'Try again' });
      await again.click();
      await again.waitFor();
      await page.evaluate('[Number.prototype.toLocaleString, globalThis.matchMedia] = globalThis.whole');
      await again.click();
      await page
        .getByRole('figure', { name: /^Users\./ })
        .locator('canvas')
        .waitFor();
      expect(readings, 'no storm of readings').to.be.at.most(calm());
      expect(browsing.complaints().join()).to.match(/no figures today/);
    });
  }

  it('says so when the frame around the pages fails, and comes back on demand', async () => {
    await page.evaluate(
      'globalThis.scroll = Element.prototype.scrollIntoView; Element.prototype.scrollIntoView = () => { throw new Error("no way") }',
    );
    await sre.turnTo('Queue');
    await page.getByRole('heading', { name: 'The console has run into an error' }).waitFor();
    expect(await graveFaults(page)).to.deep.equal([]);
    await page.evaluate('Element.prototype.scrollIntoView = globalThis.scroll');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Nobody waits.').waitFor();
    expect(browsing.complaints().join()).to.match(/no way/);
  });

  it('is heard by these tests: an error of a script, one that a page has caught, and a request to somebody else', async () => {
    await page.evaluate(
      'setTimeout(() => { throw new Error("thrown on its own") }); console.error("caught by a page")',
    );
    await page.evaluate('fetch("https://elsewhere.example/").catch(() => {})');
    const heard: string[] = [];
    for (const complaint of ['sre: thrown on its own', 'sre: caught by a page', 'elsewhere.example']) {
      const isHeard = () => {
        heard.push(...browsing.complaints());
        return heard.some((one) => one.includes(complaint));
      };
      await until(isHeard, { timeoutMs: PATIENCE_MS, what: complaint });
    }
  });
});
