import type { Channels } from '../../../redis/channels.ts';
import type { Service } from '../../../shared/lifecycle/service.ts';
import type { CapacityView } from './capacity-view.ts';
import type { RefusalHints } from './refusal-hints.ts';

export interface LimitsWatchDeps {
  channels: Pick<Channels, 'onLimits' | 'onResubscribed'>;
  view: Pick<CapacityView, 'readNow'>;
  hints: Pick<RefusalHints, 'forget'>;
}

/**
 * The scripts see new limits at once; this keeps what the replica itself remembers of the old ones (the wait limit that goes into
 * Postgres, refusals it has just learned of) from outliving a change that came in through another replica, or before it started.
 */
export class LimitsWatch implements Service {
  readonly name = 'limits watch';
  private unlisten: Array<() => void> = [];

  constructor(private readonly deps: LimitsWatchDeps) {}

  async start(): Promise<void> {
    const { channels, view, hints } = this.deps;
    const renew = () => {
      hints.forget();
      return view.readNow();
    };
    this.unlisten = [channels.onLimits(renew), channels.onResubscribed(renew)];
    await renew();
  }

  async stop(): Promise<void> {
    for (const off of this.unlisten) off();
    this.unlisten = [];
  }
}
