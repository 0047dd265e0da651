import { abortableDelay } from '../../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';

/**
 * Whether this replica wants new work. To be started last and so stopped first: while it stops, the door still answers
 * everything but `/ready`, so that the load balancer looks away before a connection is closed.
 */
export class Readiness implements Service {
  readonly name = 'readiness';
  private readonly hurry = new AbortController();
  private stopping: Promise<void> | undefined;

  constructor(private readonly drainSeconds: number) {}

  get draining(): boolean {
    return this.stopping !== undefined;
  }

  async start(): Promise<void> {}

  /** Resolves when the load balancer has had its time. */
  stop(): Promise<void> {
    this.stopping ??= abortableDelay(this.drainSeconds * 1_000, this.hurry.signal);
    return this.stopping;
  }

  /** Ends the wait of a `stop` under way. */
  cutShort(): void {
    this.hurry.abort();
  }
}
