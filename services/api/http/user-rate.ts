import type { RequestPace, RequestRate } from '../../../redis/request-rate.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Metrics } from '../../../shared/observability/metrics.ts';
import { spread } from '../../../shared/resilience/backoff.ts';

/** Between two reports to Redis (ms). A user may be beyond the pace for so long before it is noticed. */
const REPORT_EVERY_MS = 1_000;
/** Users who ask for less than this share of the pace at this replica are not reported: they are most of them, and cost Redis nothing. */
const UNNOTICED_SHARE = 8;
/** Users in one write. */
const MAX_BATCH = 1_000;

export interface UserRateDeps {
  requestRate: Pick<RequestRate, 'count'>;
  /** `perSecond` 0: nobody is limited. */
  pace: RequestPace;
  metrics: Pick<Metrics, 'http'>;
  log: Logger;
  reportEveryMs?: number;
}

/**
 * How often one user may ask, over the whole cluster and whatever addresses the requests come from. No request waits for Redis: requests
 * are counted here, reported afterwards, and what Redis says of the sum decides about the next ones. Nothing of it is near a run that was
 * accepted. While Redis is away nobody is refused.
 */
export class UserRate implements Service {
  readonly name = 'user rate';
  private made = new Map<string, number>();
  /** Until when (performance.now) users are refused. */
  private waiting = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private reporting: Promise<void> | undefined;
  private open = false;

  constructor(private readonly deps: UserRateDeps) {}

  async start(): Promise<void> {
    if (this.deps.pace.perSecond === 0) return;
    this.timer ??= setInterval(() => {
      this.reporting ??= this.report().finally(() => {
        this.reporting = undefined;
      });
    }, this.deps.reportEveryMs ?? REPORT_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.reporting;
  }

  /** Counts a request. Throws WeirError `user_rate_exceeded`; then it is not counted. */
  admit(userId: string): void {
    if (this.timer === undefined) return;
    const until = this.waiting.get(userId);
    const count = (this.made.get(userId) ?? 0) + 1;
    const waitMs = until !== undefined ? until - performance.now() : 0;
    // More than may come at once need not be reported first.
    const isFlood = !this.open && count > this.deps.pace.burst;
    if (waitMs > 0 || isFlood)
      throw new WeirError('user_rate_exceeded', {
        retryAfterSeconds: spread(Math.max(waitMs, this.deps.reportEveryMs ?? REPORT_EVERY_MS) / 1_000, 0.2),
      });
    this.made.set(userId, count);
  }

  private async report(): Promise<void> {
    const { pace, requestRate, metrics, log } = this.deps;
    // After an outage anybody's report tells that it is over.
    const noticed = this.open ? 1 : Math.max(1, pace.perSecond / UNNOTICED_SHARE);
    const now = performance.now();
    const due = [...this.made].filter(([, count]) => count >= noticed).map(([userId, count]) => ({ userId, count }));
    this.made = new Map();
    for (const [userId, until] of this.waiting) if (until <= now) this.waiting.delete(userId);
    try {
      while (due.length > 0) {
        const batch = due.splice(0, MAX_BATCH);
        const waits = await requestRate.count(batch, pace);
        for (const [index, { userId }] of batch.entries()) {
          const waitMs = waits[index] ?? 0;
          if (waitMs > 0) this.waiting.set(userId, performance.now() + waitMs);
        }
        this.open = false;
      }
    } catch (error) {
      if (!this.open) log.warn('users are not limited: Redis cannot be asked', { error });
      this.open = true;
      this.waiting.clear();
    }
    metrics.http.usersLimited.set(this.waiting.size);
    metrics.http.rateUnknown.set(this.open ? 1 : 0);
  }
}
