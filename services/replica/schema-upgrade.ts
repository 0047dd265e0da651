import { durabilityDoubts } from '../../db/durability.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Service } from '../../shared/lifecycle/service.ts';
import type { Logger } from '../../shared/observability/logger.ts';

export interface SchemaUpgradeDeps {
  databaseUrl: string;
  log: Logger;
}

/** Pause between tries while Postgres is away (ms). */
const RETRY_MS = 1_000;

/**
 * Brings the tables to this release before anything uses them; replicas that start together queue up behind one lock. With Postgres
 * away the replica starts all the same, answers "not ready", and goes on trying: a restart of everything must not depend on an order.
 */
export class SchemaUpgrade implements Service {
  readonly name = 'schema upgrade';
  private readonly stopping = new AbortController();
  private retrying: Promise<void> | undefined;

  constructor(private readonly deps: SchemaUpgradeDeps) {}

  async start(): Promise<void> {
    if (await this.try()) return;
    this.retrying = this.retry();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.retrying;
  }

  private async retry(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await abortableDelay(RETRY_MS, this.stopping.signal);
      if (this.stopping.signal.aborted || (await this.try())) return;
    }
  }

  private async try(): Promise<boolean> {
    try {
      const migrations = await migrateToLatest(this.deps.databaseUrl);
      if (migrations.length > 0) this.deps.log.info('tables upgraded', { migrations });
      const doubts = await durabilityDoubts(this.deps.databaseUrl);
      if (Object.keys(doubts).length > 0) this.deps.log.warn('Postgres may lose what was accepted', doubts);
      return true;
    } catch (error) {
      this.deps.log.warn('tables not checked, will try again', { error });
      return false;
    }
  }
}
