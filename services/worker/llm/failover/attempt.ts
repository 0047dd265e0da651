import type { Deadline } from '../../steps/deadline.ts';
import type { ProviderGate } from '../health/provider-gate.ts';
import type { ModelAnswer, ModelProvider, ModelRequest } from '../provider.ts';
import type { CallLimits } from './call-limits.ts';
import { type CallMetrics, outcomeOf } from './call-metrics.ts';

/** The call was ended because its provider's breaker opened before the first token, and another provider can be asked. */
export class ProviderLeft extends Error {
  constructor(provider: string) {
    super(`${provider}: left for another provider`);
    this.name = 'ProviderLeft';
  }
}

export interface AttemptDeps {
  gate: ProviderGate;
  provider: ModelProvider;
  limits: CallLimits;
  metrics: CallMetrics;
  deadline: Deadline;
  /** Whether another provider could take the request now. */
  otherClosed(): boolean;
  /** Calls `handler` whenever a provider has opened or closed; the answer ends that. */
  onBoardChange(handler: () => void): () => void;
  onText(text: string): void;
}

/**
 * One call to one provider. It ends with its answer, its failure or the deadline; or, while it has no token, with `ProviderLeft` in the moment the
 * provider is found to be down. However it ends, its connection is closed by then.
 */
export class Attempt {
  /** Some of the answer has gone to the user. */
  textSent = false;
  private alive = false;
  private readonly controller = new AbortController();

  constructor(private readonly deps: AttemptDeps) {}

  async run(request: ModelRequest): Promise<ModelAnswer> {
    const { gate, limits, deadline } = this.deps;
    const { signal } = this.controller;
    const follow = () => this.controller.abort(deadline.signal.reason);
    const leave = () => {
      if (!this.alive && !gate.closed && this.deps.otherClosed()) this.controller.abort(new ProviderLeft(gate.name));
    };
    deadline.signal.addEventListener('abort', follow, { once: true });
    const unsubscribe = this.deps.onBoardChange(leave);
    try {
      if (deadline.signal.aborted) follow();
      signal.throwIfAborted();
      const endTurn = await limits.enter(signal);
      try {
        return await gate.execute((onAlive) => this.call(request, onAlive));
      } finally {
        endTurn();
      }
    } finally {
      deadline.signal.removeEventListener('abort', follow);
      unsubscribe();
    }
  }

  private async call(request: ModelRequest, onAlive: () => void): Promise<ModelAnswer> {
    const { provider, metrics, deadline } = this.deps;
    const { name } = provider;
    const begunAt = performance.now();
    metrics.begun(name);
    try {
      const answer = await provider.complete(request, {
        signal: this.controller.signal,
        onAlive: () => {
          this.alive = true;
          onAlive();
        },
        onText: (text) => {
          if (!this.textSent)
            metrics.metrics.firstContent.observe({ provider: name }, (performance.now() - begunAt) / 1_000);
          this.textSent = true;
          this.deps.onText(text);
        },
      });
      metrics.ended(name, 'ok');
      return answer;
    } catch (error) {
      metrics.ended(name, outcomeOf(error, deadline));
      throw error;
    }
  }
}
