import type { Logger } from '../observability/logger.ts';
import type { Service } from './service.ts';

/**
 * Starts services in order and stops them in reverse. A failed start stops what had started and rethrows.
 * `stop` gives all services together `deadlineMs`; a service that fails or hangs is logged and does not keep the others from stopping.
 */
export class Runner {
  private readonly started: Service[] = [];
  private stopping: Promise<boolean> | undefined;

  constructor(
    private readonly services: readonly Service[],
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    for (const service of this.services) {
      this.started.push(service);
      try {
        await service.start();
      } catch (error) {
        await this.stop(10_000);
        throw error;
      }
    }
  }

  /** Resolves to true when every service stopped within the deadline; the second call answers what the first did. */
  stop(deadlineMs: number): Promise<boolean> {
    this.stopping ??= this.stopAll(deadlineMs);
    return this.stopping;
  }

  private async stopAll(deadlineMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    let clean = true;
    for (const service of this.started.reverse()) {
      const outcome = await Promise.race([
        service.stop().then(
          () => 'stopped' as const,
          (error: unknown) => ({ error }),
        ),
        deadline,
      ]);
      if (outcome === 'stopped') continue;
      clean = false;
      this.log.error('service did not stop cleanly', {
        service: service.name,
        error: outcome === 'late' ? 'deadline passed' : outcome.error,
      });
    }
    clearTimeout(timer);
    return clean;
  }
}
