import type { FeatureEvents } from '../../../db/repositories/feature-events.ts';
import type { FeatureStore } from '../../../redis/feature-store.ts';
import type { Logger } from '../../../shared/observability/logger.ts';

export interface FeatureAuditDeps {
  store: Pick<FeatureStore, 'changes' | 'forgetChanges'>;
  events: Pick<FeatureEvents, 'store'>;
  log: Logger;
}

/** Carries changes of features from the log in Redis into Postgres. Any number of replicas may do so at once: each change has its key. */
export class FeatureAudit {
  private carrying: Promise<void> | undefined;

  constructor(private readonly deps: FeatureAuditDeps) {}

  /** Resolves when nothing is left, or it has to wait (a store is away): then the next settling asks again. Never rejects. */
  flush(): Promise<void> {
    this.carrying ??= this.carry()
      .catch((error: unknown) => this.deps.log.debug('changes of features are recorded later', { error }))
      .finally(() => {
        this.carrying = undefined;
      });
    return this.carrying;
  }

  private async carry(): Promise<void> {
    const { store, events } = this.deps;
    for (let changes = await store.changes(); changes.length > 0; changes = await store.changes()) {
      await events.store(
        changes.map(({ at, by, why, ...rest }) => ({ ...rest, at: new Date(at), changedBy: by, reason: why })),
      );
      await store.forgetChanges(changes.at(-1)?.seq ?? 0);
    }
  }
}
