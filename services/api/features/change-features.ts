import type { FeatureStore } from '../../../redis/feature-store.ts';
import type { FeaturesState } from '../../../redis/results.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { FeaturesPatch } from '../../../shared/protocol/http.ts';
import { COMFORTS } from '../../../shared/workflow/capacity-level.ts';
import type { FeatureAudit } from './feature-audit.ts';
import type { FeatureWatch } from './feature-watch.ts';

export interface ChangeFeaturesDeps {
  store: Pick<FeatureStore, 'force' | 'settle'>;
  watch: Pick<FeatureWatch, 'observe'>;
  audit: Pick<FeatureAudit, 'flush'>;
  log: Logger;
}

/** Told while Redis is away (s). */
const RETRY_SECONDS = 2;

/** What administrators do with the comforts of the cluster. */
export class ChangeFeatures {
  constructor(private readonly deps: ChangeFeaturesDeps) {}

  /** The state of this moment. Throws WeirError `capacity_unavailable`. */
  async read(): Promise<FeaturesState> {
    const state = await this.deps.store.settle().catch(unavailable);
    this.deps.watch.observe(state);
    return state;
  }

  /** Forces or releases comforts; in force on this replica when it resolves, on the others a moment later. Throws `capacity_unavailable`. */
  async change(patch: FeaturesPatch, by: string): Promise<FeaturesState> {
    const { store, watch, audit, log } = this.deps;
    const wishes = COMFORTS.flatMap((comfort) => {
      const wish = patch[comfort];
      return wish === undefined ? [] : [[comfort, wish === 'auto' ? null : wish] as const];
    });
    const lastingMs = (patch.for_seconds ?? 0) * 1_000;
    const state = await store.force(wishes, { by, why: patch.reason ?? '', lastingMs }).catch(unavailable);
    log.warn('features forced', { by, patch });
    watch.observe(state);
    await audit.flush();
    return state;
  }
}

function unavailable(cause: unknown): never {
  throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
}
