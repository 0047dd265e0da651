import type { Logger } from '../../../../shared/observability/logger.ts';
import { MODEL_FAILURES, type ModelFailureKind } from '../model-failure.ts';

/** Says what has become of a provider, and why. A refused key is an error: nothing gets better until a person has acted. */
export function sayFailure(log: Logger, what: string, about: { provider: string; reason: ModelFailureKind }): void {
  if (about.reason === 'unauthorized')
    log.error(`${what}: it refuses our credentials or our budget is spent; somebody has to look at its key`, about);
  else log.warn(what, { ...about, sentence: MODEL_FAILURES[about.reason].reason });
}
