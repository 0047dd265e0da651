import { MODEL_FAILURES, ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { ModelProvider } from '../provider.ts';

/** `works`: it answered, if only with a refusal. `unknown`: this process stopped before there was an outcome. */
export type ProbeOutcome = { kind: 'works' } | { kind: 'fails'; reason: ModelFailureKind } | { kind: 'unknown' };

/** Asks a provider for a few tokens, which is the least that shows it at work. Never rejects; ends within `timeoutMs`. */
export async function probeCall(
  provider: ModelProvider,
  { correlationId, timeoutMs, stopping }: { correlationId: string; timeoutMs: number; stopping: AbortSignal },
): Promise<ProbeOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const request = { prompt: 'Answer with OK.', maxTokens: 16, correlationId };
  try {
    await provider.complete(request, { signal: AbortSignal.any([stopping, timeout]), onText: () => {} });
    return { kind: 'works' };
  } catch (error) {
    if (stopping.aborted) return { kind: 'unknown' };
    if (timeout.aborted) return { kind: 'fails', reason: 'slow' };
    if (!(error instanceof ModelFailure)) return { kind: 'unknown' };
    return MODEL_FAILURES[error.kind].counts === 'no' ? { kind: 'works' } : { kind: 'fails', reason: error.kind };
  }
}
