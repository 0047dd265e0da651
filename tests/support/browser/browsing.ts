import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { LocalCluster } from '../../../services/local/local-cluster.ts';
import { atEndOfRun, testBinary } from '../test-run.ts';
import { hearComplaints } from './complaints.ts';
import { PATIENCE_MS } from './patience.ts';
import { Visitor } from './visitor.ts';

/** A real Chromium in front of a cluster, with as many visitors as a test wants, each with a profile of their own. */
export class Browsing {
  private readonly visitors: Visitor[] = [];
  private readonly heard: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly cluster: LocalCluster,
  ) {}

  /** Ends with the run, if not before. */
  static async open(cluster: LocalCluster): Promise<Browsing> {
    const { path, environment } = testBinary('chromium');
    const browser = await chromium.launch({
      executablePath: path,
      env: { ...process.env, ...environment } as Record<string, string>,
      // Only pages of the cluster are opened, and a sandbox needs what a container may not give.
      chromiumSandbox: false,
    });
    const browsing = new Browsing(browser, cluster);
    atEndOfRun(() => browsing.close());
    return browsing;
  }

  /** `at`: a door other than Nginx. */
  async visit(
    userId: string,
    { role = 'user', at = this.cluster.nginxUrl, ...options }: VisitOptions = {},
  ): Promise<Visitor> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const token = await this.cluster.token(userId, role);
    const visitor = await Visitor.arrive(context, at, token, (complaint) => this.heard.push(`${userId}: ${complaint}`));
    this.visitors.push(visitor);
    return visitor;
  }

  /** A page of somebody who is not signed in. */
  async stranger(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.browser.newContext(options)).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    hearComplaints(page, this.cluster.nginxUrl, (complaint) => this.heard.push(`a stranger: ${complaint}`));
    return page;
  }

  /** What any page complained of since this was last asked, also of those who have left. */
  complaints(): string[] {
    return this.heard.splice(0);
  }

  /** Everybody leaves. */
  async clear(): Promise<void> {
    await Promise.all(this.visitors.splice(0).map((visitor) => visitor.leave()));
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

export interface VisitOptions extends BrowserContextOptions {
  role?: 'user' | 'admin';
  at?: string;
}
