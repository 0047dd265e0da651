import { setTimeout as delay } from 'node:timers/promises';
import type { ReadyAnswer } from '../../../shared/protocol/http.ts';
import type { CapacityView } from '../admission/capacity-view.ts';
import { FreshValue } from '../admission/fresh-value.ts';

/** Health pages are polled by several watchers at once; together they cost one ping in this time (ms). */
const MAX_AGE_MS = 500;
/** A database that does not answer by then is of no use to a request either (ms). */
const PING_TIMEOUT_MS = 1_000;

export interface DependencyCheckDeps {
  database: { ping(): Promise<unknown> };
  view: Pick<CapacityView, 'read'>;
}

/** Which of the parts this replica stands on are there. */
export class DependencyCheck {
  private readonly postgres: FreshValue<'up' | 'down'>;

  constructor(private readonly deps: DependencyCheckDeps) {
    this.postgres = new FreshValue(() => this.ping(), MAX_AGE_MS);
  }

  /** Never rejects, and answers within a little more than a second. */
  async read(): Promise<ReadyAnswer['parts']> {
    const [postgres, reading] = await Promise.all([this.postgres.get(), this.deps.view.read()]);
    const redis = ({ state: 'up', rebuilding: 'rebuilding', unavailable: 'down' } as const)[reading.kind];
    return { postgres, redis };
  }

  private async ping(): Promise<'up' | 'down'> {
    const timer = new AbortController();
    const late = delay(PING_TIMEOUT_MS, 'down' as const, { signal: timer.signal, ref: false }).catch(
      () => 'down' as const,
    );
    const ping = this.deps.database.ping().then(
      () => 'up' as const,
      () => 'down' as const,
    );
    const outcome = await Promise.race([ping, late]);
    timer.abort();
    return outcome;
  }
}
