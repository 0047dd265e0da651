import { randomUUID } from 'node:crypto';
import type { ProviderStore } from '../../../../redis/provider-store.ts';
import { untilAborted } from '../../until-aborted.ts';

/** As the cluster's own rule in `takeRetry`: Envoy's retry budget has the same two numbers as defaults. */
const SHARE = 0.2;
const MINIMUM = 3;
/** Changes are reported no more often than this (ms): the count is a base for a share, not a book. */
const REPORT_EVERY_MS = 1_000;
/** What does not change is reported again after as many ticks, well before Redis forgets it (10 s). */
const REPEAT_AFTER_TICKS = 5;

export interface RetryBudgetDeps {
  replica: string;
  store: Pick<ProviderStore, 'takeRetry' | 'releaseRetry' | 'reportActive'>;
}

/** Gives a place in the budget back; to be called once. */
export type Release = () => void;

/** The cluster's budget of repeated calls, so that repeats do not keep an outage alive. Without Redis the same rule over this replica's own calls. */
export class RetryBudget {
  private active = 0;
  private places = 0;
  private reported = 0;
  private ticksSince = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: RetryBudgetDeps) {}

  /** A call of a user begins; resolves nothing and asks nobody. Answers what ends it. */
  begin(): () => void {
    this.active += 1;
    this.timer ??= setInterval(() => this.tick(), REPORT_EVERY_MS).unref();
    return () => {
      this.active -= 1;
    };
  }

  /** null: the budget is used up. `leaseMs`: a place that is not given back ends by itself then. Rejects with the signal's reason only. */
  async take(leaseMs: number, signal: AbortSignal): Promise<Release | null> {
    const token = randomUUID();
    const { replica, store } = this.deps;
    const granted = store.takeRetry({ replica, activeCalls: this.active, token, leaseMs: Math.max(1, leaseMs) });
    const release = () => void store.releaseRetry(token).catch(() => undefined);
    try {
      if (!(await untilAborted(granted, signal))) return null;
      return this.place(release);
    } catch {
      if (signal.aborted) {
        granted.then((late) => late && release()).catch(() => undefined);
        throw signal.reason;
      }
      return this.places < Math.max(MINIMUM, Math.floor(SHARE * this.active)) ? this.place(() => {}) : null;
    }
  }

  private place(release: Release): Release {
    this.places += 1;
    return () => {
      this.places -= 1;
      release();
    };
  }

  private tick(): void {
    this.ticksSince += 1;
    const due = this.active !== this.reported || (this.active > 0 && this.ticksSince >= REPEAT_AFTER_TICKS);
    if (due) {
      this.reported = this.active;
      this.ticksSince = 0;
      // A lost report is no harm: the next one says it again.
      this.deps.store.reportActive(this.deps.replica, this.active).catch(() => undefined);
    }
    if (this.active === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
