import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { ClusterProviderBoard } from '../../../services/worker/llm/health/cluster-provider-board.ts';
import type { ProviderGate } from '../../../services/worker/llm/health/provider-gate.ts';
import { ModelFailure, type ModelFailureKind } from '../../../services/worker/llm/model-failure.ts';
import type { ModelAnswer, ModelCall, ModelProvider } from '../../../services/worker/llm/provider.ts';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import { recordedLog } from '../recorded-log.ts';
import { until } from '../until.ts';

/** How long a provider is left alone (ms). */
export const OPEN_MS = 150;
/** Deadline of a probe (ms). */
const PROBE_TIMEOUT_MS = 200;

/** A provider that answers probes as the test says; what users ask goes through the gates without it. */
export class ProbedProvider implements ModelProvider {
  readonly hasLargeModel = false;
  /** `hangs` until it is aborted, `deaf` until `release`, whatever is aborted; `fault`: an error that is none of the provider's. */
  answer: 'works' | ModelFailureKind | 'hangs' | 'deaf' | 'fault' = 'works';
  release: () => void = () => {};
  probes = 0;
  active = 0;
  mostActive = 0;
  /** When each probe came (monotonic, ms). */
  readonly begun: number[] = [];

  constructor(readonly name: string) {}

  async complete(_request: unknown, { signal }: ModelCall): Promise<ModelAnswer> {
    this.probes += 1;
    this.begun.push(performance.now());
    this.mostActive = Math.max(this.mostActive, ++this.active);
    try {
      await this.think(signal);
      if (this.answer === 'fault') throw new Error('a fault of ours');
      if (this.answer !== 'works' && this.answer !== 'hangs' && this.answer !== 'deaf')
        throw new ModelFailure(this.answer);
      return { text: 'OK', provider: this.name, model: 'm', finishReason: 'stop', usage: null };
    } finally {
      this.active -= 1;
    }
  }

  private think(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.answer === 'deaf') {
        this.release = resolve;
        return;
      }
      // Long enough for others to come in between, if they could.
      const timer = setTimeout(resolve, this.answer === 'hangs' ? 60_000 : 20);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  }
}

/** Replicas that share two providers and a Redis; `close` of the Redis is called in the end. */
export class ProviderCluster<Primary extends ModelProvider = ProbedProvider> {
  readonly backup = new ProbedProvider('backup');
  readonly stores: RedisStore[] = [];
  readonly boards: ClusterProviderBoard[] = [];
  readonly log = recordedLog();

  constructor(
    private readonly redis: { url: string; prefix: string; close?(): Promise<void> },
    readonly primary: Primary,
    private readonly probeTimeoutMs = PROBE_TIMEOUT_MS,
  ) {}

  async replica(probes = true): Promise<ClusterProviderBoard> {
    const store = createRedisStore({ ...this.redis, log: recordedLog() });
    this.stores.push(store);
    await store.connections.ready();
    const board = new ClusterProviderBoard({
      replica: `r${this.boards.length + 1}`,
      providers: [
        { role: 'primary', provider: this.primary },
        { role: 'backup', provider: this.backup },
      ],
      store: store.providers,
      channels: store.channels,
      events: store.events,
      openMs: OPEN_MS,
      probeTimeoutMs: this.probeTimeoutMs,
      probes,
      metrics: createMetrics().llm,
      log: this.log,
    });
    this.boards.push(board);
    await board.start();
    return board;
  }

  store(index = 0): RedisStore {
    const store = this.stores[index];
    if (store === undefined) throw new Error('no replica yet');
    return store;
  }

  async close(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.stop()));
    await Promise.all(this.stores.map((store) => store.close()));
    await this.redis.close?.();
  }
}

export function primaryOf(board: ClusterProviderBoard) {
  const [standing] = board.standings();
  if (standing === undefined) throw new Error('no provider');
  return standing;
}

export function gateOf(board: ClusterProviderBoard, name = 'primary'): ProviderGate {
  const gate = board.order().find((candidate) => candidate.name === name);
  if (gate === undefined) throw new Error('no gate');
  return gate;
}

/** A user's call to the primary that ends so. */
export function fail(board: ClusterProviderBoard, kind: ModelFailureKind = 'server_error'): Promise<unknown> {
  return gateOf(board)
    .execute(() => Promise.reject(new ModelFailure(kind, { status: 500 })))
    .catch((error: unknown) => error);
}

/** As many failures as open it. */
export async function down(board: ClusterProviderBoard): Promise<void> {
  for (let call = 0; call < 3; call++) await fail(board);
}

export function becomes(board: ClusterProviderBoard, state: string, timeoutMs = 5_000): Promise<unknown> {
  return until(() => primaryOf(board).state === state, { timeoutMs, what: `the primary to be ${state}` });
}
