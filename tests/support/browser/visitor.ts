import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../until.ts';
import { hearComplaints } from './complaints.ts';
import { PATIENCE_MS } from './patience.ts';

/** Somebody in front of the console. */
export class Visitor {
  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly origin: string,
    complain: (complaint: string) => void,
  ) {
    page.setDefaultTimeout(PATIENCE_MS);
    hearComplaints(page, origin, complain);
  }

  /** Signed in with `token` and connected. */
  static async arrive(
    context: BrowserContext,
    origin: string,
    token: string,
    complain: (complaint: string) => void,
  ): Promise<Visitor> {
    const visitor = new Visitor(await context.newPage(), context, origin, complain);
    await visitor.page.goto(`${origin}/console/#token=${token}`);
    await visitor.connected();
    return visitor;
  }

  /** Opens a page of the console by its address, as from a bookmark. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.origin}/console${path}`);
    await this.connected();
  }

  async connected(): Promise<void> {
    await this.page.locator('[data-connection=live]').waitFor();
  }

  /** How the connection is: `live`, `waiting` … */
  async connection(): Promise<string | null> {
    return this.page.locator('[data-connection]').getAttribute('data-connection');
  }

  /** Follows a link of the navigation. */
  async turnTo(label: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: label, exact: true }).click();
  }

  /** Starts the workflow of that name on the page that starts, and answers its card. */
  async start(workflow: string): Promise<Locator> {
    await this.turnTo('Start');
    const known = new Set(await this.runsOf(workflow));
    await this.page.getByLabel('Workflow', { exact: true }).selectOption({ label: workflow });
    await this.page.getByRole('button', { name: 'Start', exact: true }).click();
    const id = await until(async () => (await this.runsOf(workflow)).find((run) => !known.has(run)), {
      timeoutMs: PATIENCE_MS,
      what: `a run of ${workflow} on the page`,
    });
    return this.card(id);
  }

  /** The card of one run, by its id. */
  card(runId: string): Locator {
    return this.page.locator(`[data-run="${runId}"]`);
  }

  /** The sentence about the level; without one it says nothing. */
  get banner(): Locator {
    return this.page.locator('[data-level]');
  }

  /** Waits until a run's card says that it is in `status`, which must last: a run that soon goes on may not be looked at in time. */
  async becomes(card: Locator, status: string): Promise<void> {
    const says = card.and(this.page.locator(`[data-status="${status}"]`));
    await says.waitFor().catch(async (error: Error) => {
      error.message += `\nThe card says: ${(await card.allInnerTexts()).join() || 'nothing'}`;
      throw error;
    });
  }

  /** Cancels a run by its card. */
  async cancel(card: Locator): Promise<void> {
    await card.getByRole('button', { name: /^Cancel/ }).click();
    await this.page.getByRole('button', { name: 'Cancel the run' }).click();
    await this.becomes(card, 'cancelled');
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  private async runsOf(workflow: string): Promise<string[]> {
    const cards = this.page.locator(`[data-run][aria-label="${workflow}"]`);
    // All in one look: cards come, go and change places.
    return cards.evaluateAll((found) => found.map((card) => card.getAttribute('data-run')).filter((id) => id !== null));
  }
}
