import { StepFailure } from '../../steps/step-failure.ts';
import type { ProviderBoard } from '../health/provider-board.ts';
import type { ProviderGate } from '../health/provider-gate.ts';
import type { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest } from '../provider.ts';
import type { Attempt } from './attempt.ts';
import type { CallMetrics } from './call-metrics.ts';
import type { AfterFailure, NextTry } from './next-try.ts';
import type { RoutedCall, RoutedProvider } from './provider-router.ts';

export interface StepCallsDeps {
  board: Pick<ProviderBoard, 'order' | 'onChange'>;
  providers: ReadonlyMap<string, RoutedProvider>;
  /** Name of the provider that answers when nothing is wrong. */
  usual: string;
  request: ModelRequest;
  call: RoutedCall;
  metrics: CallMetrics;
}

/** Whom to ask. `switched`: the first call of this step to another provider than the usual one. */
export interface Target {
  gate: ProviderGate;
  routed: RoutedProvider;
  switched: boolean;
}

/** What one step has asked so far, and whom it may ask next. */
export class StepCalls {
  calls = 0;
  lastFailure: ModelFailure | StepFailure | null = null;
  /** The last call has sent text, and has not failed by itself. */
  answering = false;
  private large = false;
  private told = false;
  private lastProvider: string | null = null;
  private reason = 'open';
  private readonly callsTo = new Map<string, number>();
  private readonly avoided = new Set<string>();
  private endRepeat: (() => void) | null = null;

  constructor(private readonly deps: StepCallsDeps) {}

  /** The next provider; waits while none is closed. Rejects when the deadline ends the wait. */
  async choose(): Promise<Target> {
    const { call } = this.deps;
    for (;;) {
      if (call.deadline.signal.aborted) throw call.deadline.signal.reason;
      const closed = this.closed();
      const gate = closed.find(({ name }) => !this.avoided.has(name)) ?? closed[0];
      const routed = gate && this.deps.providers.get(gate.name);
      if (gate && routed) return this.target(gate, routed);
      this.lastFailure ??= new StepFailure('llm_unavailable', 'No model provider is available right now.');
      await this.changeOfBoard();
    }
  }

  async run({ gate }: Target, attempt: Attempt): Promise<ModelAnswer> {
    const { request } = this.deps;
    this.calls += 1;
    this.callsTo.set(gate.name, (this.callsTo.get(gate.name) ?? 0) + 1);
    try {
      return await attempt.run(this.large ? { ...request, large: true } : request);
    } finally {
      this.answering = attempt.textSent;
      this.endRepeat?.();
      this.endRepeat = null;
    }
  }

  /** Other providers that could take the request now. */
  others(provider: string): ProviderGate[] {
    return this.closed().filter(({ name }) => name !== provider && !this.avoided.has(name));
  }

  /** The circumstances of a failure. */
  after(provider: string): Omit<AfterFailure, 'failure' | 'remainingMs' | 'random'> {
    const hasLargeModel = (name: string) => this.deps.providers.get(name)?.provider.hasLargeModel ?? false;
    const others = this.others(provider);
    return {
      calls: this.calls,
      callsToIt: this.callsTo.get(provider) ?? 1,
      textSent: this.answering,
      large: this.large,
      itHasLargeModel: hasLargeModel(provider),
      otherClosed: others.length > 0,
      otherHasLargeModel: others.some(({ name }) => hasLargeModel(name)),
    };
  }

  /** Takes in what follows a failure. */
  failed(provider: string, failure: ModelFailure, next: NextTry): void {
    this.lastFailure = failure;
    this.answering = false;
    this.reason = failure.kind;
    if (next.kind === 'larger') this.large = true;
    if (next.kind === 'other' || (next.kind === 'larger' && !next.sameProvider)) this.avoid(provider);
    // Whoever was passed over before may be better by now than one that keeps failing.
    if (next.kind === 'repeat' && (this.callsTo.get(provider) ?? 0) > 1) {
      this.avoided.clear();
      this.avoid(provider);
    }
  }

  avoid(provider: string): void {
    this.avoided.add(provider);
  }

  /** The next call is a repeat; `end` gives its place back. */
  repeats(end: () => void): void {
    this.endRepeat = end;
  }

  end(): void {
    this.endRepeat?.();
  }

  private closed(): ProviderGate[] {
    const fits = ({ name }: ProviderGate) =>
      !this.large || (this.deps.providers.get(name)?.provider.hasLargeModel ?? false);
    return this.deps.board.order().filter((gate) => gate.closed && fits(gate));
  }

  private target(gate: ProviderGate, routed: RoutedProvider): Target {
    const { usual, call, metrics } = this.deps;
    const from = this.lastProvider ?? usual;
    if (from !== gate.name) metrics.metrics.switches.inc({ from, to: gate.name, reason: this.reason });
    this.lastProvider = gate.name;
    const switched = gate.name !== usual && !this.told;
    if (switched) {
      this.told = true;
      call.onSwitched(gate.name);
      call.log.warn('another model provider answers', { provider: gate.name, reason: this.reason });
    }
    return { gate, routed, switched };
  }

  private changeOfBoard(): Promise<void> {
    const { board, call } = this.deps;
    return new Promise((resolve) => {
      const done = () => {
        unsubscribe();
        call.deadline.signal.removeEventListener('abort', done);
        resolve();
      };
      const unsubscribe = board.onChange(done);
      call.deadline.signal.addEventListener('abort', done, { once: true });
    });
  }
}
