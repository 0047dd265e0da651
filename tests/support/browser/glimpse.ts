import type { JSHandle, Page } from 'playwright-core';
import { until } from '../until.ts';
import { PATIENCE_MS } from './patience.ts';

/** As text, because it is about the page and knows nothing of here. */
const LOOKS = `(selector, text) => {
  const glimpse = { seen: false };
  const look = () => {
    glimpse.seen ||= [...document.querySelectorAll(selector)].some((shown) => shown.textContent.includes(text));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  look();
  return glimpse;
}`;

/**
 * Remembers from now on whether `page` shows `text` in what `selector` (CSS) finds, if only for a moment: on a machine without time a test looks too
 * seldom for what soon gives way to something else. The function answered waits until it was shown; it must be called before the page is loaded anew.
 */
export async function glimpse(page: Page, selector: string, text = ''): Promise<() => Promise<void>> {
  const looks = `(${LOOKS})(${JSON.stringify(selector)}, ${JSON.stringify(text)})`;
  const handle = (await page.evaluateHandle(looks)) as JSHandle<{ seen: boolean }>;
  return async () => {
    const what = `the page to show "${text}" in ${selector}`;
    await until(() => handle.evaluate(({ seen }) => seen), { timeoutMs: PATIENCE_MS, what });
  };
}
