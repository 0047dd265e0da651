import { delayStep, type Stage } from '../../support/cluster/stage.ts';

/** Between two starts that ask whether starts are accepted again (ms). */
const EVERY_MS = 50;
const PATIENCE_MS = 2_000;

/** Asks through Nginx every now and then, without waiting for the answers before. */
export class Asker {
  private readonly accepted: Array<{ sentAt: number; at: number }> = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private hear: () => void = () => {};

  private constructor(url: string, token: string, workflow_id: string) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    this.timer = setInterval(() => {
      const sentAt = performance.now();
      const init = {
        method: 'POST',
        headers,
        body: JSON.stringify({ workflow_id }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      };
      const work = fetch(`${url}/api/v1/trigger`, init)
        .then(async (answer) => {
          await answer.arrayBuffer();
          if (answer.status !== 202) return;
          this.accepted.push({ sentAt, at: performance.now() });
          this.hear();
        })
        .catch(() => {})
        .finally(() => this.underWay.delete(work));
      this.underWay.add(work);
    }, EVERY_MS);
  }

  static async start(stage: Stage): Promise<Asker> {
    const workflow = await stage.workflow('nothing', delayStep('wait', 0));
    return new Asker(stage.cluster.nginxUrl, await stage.cluster.token('asker'), workflow);
  }

  /** When the first start that was sent after `sentAfter` was accepted (both `performance.now()`). */
  async firstAfter(sentAfter: number, timeoutMs = 60_000): Promise<number> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.accepted.find(({ sentAt }) => sentAt > sentAfter);
      if (found !== undefined) return found.at;
      if (performance.now() > deadline) throw new Error(`No start was accepted within ${timeoutMs} ms.`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.hear = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }
}
