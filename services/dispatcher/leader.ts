import type { Channels } from '../../redis/channels.ts';
import type { ClusterState } from '../../redis/cluster-state.ts';
import { abortableDelay } from '../../shared/lifecycle/abortable-delay.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { Drain } from './drain.ts';
import { Duty } from './duty.ts';
import type { EstimatePublisher } from './estimate-publisher.ts';
import type { Rebuild } from './rebuild.ts';
import type { Reconcile } from './reconcile.ts';
import type { Rescue } from './rescue.ts';
import { ROUND_DONE, type RoundResult } from './round.ts';
import type { Term } from './term.ts';

/** Ms between rounds of what has to be seen to all the time. For the drain it is the safety net under lost wake-ups. */
export const TICK_MS = 1_000;
/** Ms between comparisons of Redis with Postgres: they cost a page of rows per thousand waiting runs, and what they find is rare. */
const RECONCILE_EVERY_MS = 10_000;
/**
 * How long (ms) a new leader lets the first comparison put lost runs back into their order before it grants slots. A bound,
 * because a killed leader must not be missed for more than 6 s, however much there is to compare.
 */
const ORDER_FIRST_MS = 400;

export interface LeaderDeps {
  drain: Pick<Drain, 'round'>;
  rescue: Pick<Rescue, 'round'>;
  reconcile: Pick<Reconcile, 'round'>;
  rebuild: Pick<Rebuild, 'run'>;
  estimates: Pick<EstimatePublisher, 'round'>;
  cluster: Pick<ClusterState, 'refreshLevel'>;
  channels: Pick<Channels, 'onWake' | 'onResubscribed'>;
  log: Logger;
}

/** All that only the leader does: one duty each, so that what fails or takes long in one does not keep the others waiting. */
export class Leader {
  constructor(private readonly deps: LeaderDeps) {}

  /** Leads until the term ends; resolves when nothing of it runs any more. */
  async lead(term: Term): Promise<void> {
    const { deps } = this;
    const { epoch, signal } = term;
    let rebuilding: Promise<void> | null = null;

    const duty = (name: string, everyMs: number, attempt: () => Promise<RoundResult>) => {
      const round = async () => {
        const result = await attempt();
        if (result.kind === 'done') return result.nextInMs;
        if (result.kind === 'stale_epoch') {
          term.end('stale_epoch');
        } else {
          // Several duties find out at once; the state is rebuilt once.
          rebuilding ??= rebuild();
          await rebuilding;
        }
        return null;
      };
      return new Duty({ name, everyMs, round, log: deps.log });
    };

    const inOrder = new AbortController();
    signal.addEventListener('abort', () => inOrder.abort(), { once: true });
    const drain = duty('drain', TICK_MS, () => deps.drain.round(epoch));
    const reconcile = duty('reconcile', RECONCILE_EVERY_MS, async () => {
      const result = await deps.reconcile.round(epoch, signal);
      if (result.kind === 'done') inOrder.abort();
      return result;
    });
    const others = [
      duty('rescue', TICK_MS, () => deps.rescue.round(epoch)),
      duty('estimate', TICK_MS, () => deps.estimates.round()),
      duty('refresh level', TICK_MS, async () => {
        const result = await deps.cluster.refreshLevel(epoch);
        return 'kind' in result ? result : ROUND_DONE;
      }),
    ];

    const rebuild = async () => {
      try {
        const step = await deps.rebuild.run(epoch, signal);
        if (step.kind === 'stale_epoch') term.end('stale_epoch');
      } finally {
        rebuilding = null;
      }
      drain.wake();
      reconcile.wake();
    };

    const unsubscribe = [
      deps.channels.onWake(() => drain.wake()),
      // While the connection was away wake-ups were missed, and runs were accepted that Redis does not know.
      deps.channels.onResubscribed(() => {
        reconcile.wake();
        drain.wake();
      }),
    ];
    try {
      await Promise.all([
        reconcile.run(signal),
        ...others.map((other) => other.run(signal)),
        abortableDelay(ORDER_FIRST_MS, inOrder.signal).then(() => drain.run(signal)),
      ]);
    } finally {
      for (const end of unsubscribe) end();
    }
  }
}
