import type { SystemStatus } from '../../../shared/protocol/http.ts';
import { MODEL_FAILURES, ModelFailure } from './model-failure.ts';

/** A provider as the status page shows it. */
export type ProviderStatus = SystemStatus['providers'][number];

/** Failures in a row from which on a provider counts as down (story 10.5: three). */
const DOWN_AFTER = 3;

/** What the last calls say about a provider. Only failures of its own count: a refused prompt says nothing about it. */
export class ProviderHealth {
  private failuresInARow = 0;

  get status(): ProviderStatus['status'] {
    if (this.failuresInARow === 0) return 'operational';
    return this.failuresInARow < DOWN_AFTER ? 'degraded' : 'down';
  }

  succeeded(): void {
    this.failuresInARow = 0;
  }

  failed(error: unknown): void {
    if (!(error instanceof ModelFailure)) return;
    if (MODEL_FAILURES[error.kind].code === 'llm_unavailable') this.failuresInARow += 1;
  }
}
