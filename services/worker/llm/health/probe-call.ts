import { untilAborted } from '../../until-aborted.ts';
import { MODEL_FAILURES, ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { ModelProvider } from '../provider.ts';

/** `works`: it answered, if only with a refusal. `unknown`: this process stopped before there was an outcome, or has a fault of its own. */
export type ProbeOutcome = { kind: 'works' } | { kind: 'fails'; reason: ModelFailureKind } | { kind: 'unknown' };

/**
 * Asks a provider for a few tokens, which is the least that shows it at work. Never rejects; ends within `timeoutMs` or when `stopping` aborts,
 * even if the call heeds neither.
 */
export async function probeCall(
  provider: ModelProvider,
  { correlationId, timeoutMs, stopping }: { correlationId: string; timeoutMs: number; stopping: AbortSignal },
): Promise<ProbeOutcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const signal = AbortSignal.any([stopping, deadline.signal]);
  const ask = async () =>
    provider.complete({ prompt: 'Answer with OK.', maxTokens: 16, correlationId }, { signal, onText: () => {} });
  try {
    await untilAborted(ask(), signal);
    return { kind: 'works' };
  } catch (error) {
    if (stopping.aborted) return { kind: 'unknown' };
    if (deadline.signal.aborted) return { kind: 'fails', reason: 'slow' };
    if (!(error instanceof ModelFailure)) return { kind: 'unknown' };
    return MODEL_FAILURES[error.kind].counts === 'no' ? { kind: 'works' } : { kind: 'fails', reason: error.kind };
  } finally {
    clearTimeout(timer);
  }
}
