import type { LeanRun } from '../../db/repositories/run-row.ts';
import type { Runs } from '../../db/repositories/runs.ts';
import type { EventStreams, UserEvent } from '../../redis/event-streams.ts';
import { terminalEvent } from '../../shared/protocol/terminal-event.ts';

/** Runs asked for at once when looking back. */
const PAGE = 100;
/** How far back (ms) ends are told again: longer than the time between two looks, or without a leader. */
const LOOK_BACK_MS = 30_000;

export interface RetellingDeps {
  runs: Pick<Runs, 'list'>;
  events: Pick<EventStreams, 'publish'>;
}

/**
 * Tells recent ends again that no worker had a hand in, for those that were lost between Postgres and Redis: waits that were over, and runs
 * that were cancelled before they began. All others are swallowed by their dedupe id.
 */
export class Retelling {
  constructor(private readonly deps: RetellingDeps) {}

  /** `now`: Unix ms. */
  async round(now: number): Promise<void> {
    await this.of('timed_out', now);
    await this.of('cancelled', now);
  }

  private async of(status: 'timed_out' | 'cancelled', now: number): Promise<void> {
    const isRecent = (run: LeanRun) => (run.finishedAt?.getTime() ?? 0) > now - LOOK_BACK_MS;
    let before: number | undefined;
    for (;;) {
      const page = await this.deps.runs.list({
        userId: null,
        status,
        limit: PAGE,
        ...(before !== undefined && { before }),
      });
      await this.deps.events.publish(page.filter(isRecent).flatMap(endOf));
      // Waits end about in the order in which they began, so beyond a page of older ones there is nothing recent.
      if (page.length < PAGE || !page.some(isRecent)) return;
      before = page.at(-1)?.seq;
    }
  }
}

/** Whether it ended in a way that no worker has a hand in, and that nothing follows upon. */
export function endedWaiting({ status }: Pick<LeanRun, 'status'>): boolean {
  return status === 'cancelled' || status === 'timed_out';
}

/** The event of an end that neither a result nor an error belongs to; empty: the run has none. */
export function endOf(run: LeanRun): UserEvent[] {
  const event = terminalEvent({ ...run, result: null, error: null });
  return event === null ? [] : [{ ...event, traceparent: run.traceParent }];
}
