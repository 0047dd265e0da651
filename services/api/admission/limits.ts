import type { ClusterSettings } from '../../../db/repositories/settings.ts';
import type { ClusterState } from '../../../redis/cluster-state.ts';
import { type FieldError, WeirError } from '../../../shared/errors/weir-error.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import type { Limits } from '../../../shared/protocol/http.ts';
import type { CapacityView } from './capacity-view.ts';
import type { RefusalHints } from './refusal-hints.ts';

export interface ChangeLimitsDeps {
  settings: Pick<ClusterSettings, 'saveLimits'>;
  cluster: Pick<ClusterState, 'setLimits'>;
  view: Pick<CapacityView, 'readNow' | 'limits'>;
  hints: Pick<RefusalHints, 'forget'>;
  log: Logger;
}

/** Told when the limits cannot be changed now (s). */
const RETRY_SECONDS = 5;

/** Changes the cluster's limits while it runs. They live in Redis, where every script reads them, so all replicas obey at once. */
export class ChangeLimits {
  constructor(private readonly deps: ChangeLimitsDeps) {}

  /**
   * Merges `patch` into the limits in force and answers the result. Throws WeirError `validation_failed` when they do not fit
   * together, `capacity_unavailable` without Redis; then nothing is changed.
   */
  async change(patch: Partial<Limits>, by: string): Promise<Limits> {
    const { settings, cluster, view, hints, log } = this.deps;
    const reading = await view.readNow();
    if (reading.kind !== 'state') {
      const cause = reading.kind === 'unavailable' ? reading.cause : 'rebuilding';
      throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
    }
    const errors = limitFaults({ ...reading.limits, ...patch }, patch);
    if (errors.length > 0) throw new WeirError('validation_failed', { errors });
    // Postgres first: should Redis lose its data the moment after, the leader rebuilds with what the admin was told. It
    // merges, so of two admins who change different limits at once neither undoes the other.
    const limits = { ...reading.limits, ...(await settings.saveLimits(patch, by)) };
    try {
      await cluster.setLimits(limits);
    } catch (cause) {
      throw new WeirError('capacity_unavailable', { cause, retryAfterSeconds: RETRY_SECONDS });
    }
    hints.forget();
    log.info('limits changed', { by, before: reading.limits, after: limits });
    await view.readNow();
    return limits;
  }
}

/** Rules between limits, named by the field that was sent. */
export function limitFaults(limits: Limits, patch: Partial<Limits>): FieldError[] {
  if (limits.hard_limit_users === 0 || limits.hard_limit_users >= limits.max_users) return [];
  const path = patch.hard_limit_users === undefined ? 'max_users' : 'hard_limit_users';
  const message = `hard_limit_users (${limits.hard_limit_users}) must be 0 or at least max_users (${limits.max_users}).`;
  return [{ path, message }];
}
