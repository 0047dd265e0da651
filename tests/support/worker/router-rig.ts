import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import { createSimulator, type Simulator } from '../../../services/llm-sim/simulator.ts';
import { ModelFailure } from '../../../services/worker/llm/model-failure.ts';
import type { ModelAnswer, ModelRequest } from '../../../services/worker/llm/provider.ts';
import { Deadline } from '../../../services/worker/steps/deadline.ts';
import { StepFailure } from '../../../services/worker/steps/step-failure.ts';
import { recordedLog } from '../recorded-log.ts';
import { type TestRedis, testRedis } from '../redis.ts';
import { type TestModels, testModels } from './test-models.ts';

/** Tokens of an answer. */
export const TOKENS = 60;

const REQUEST: ModelRequest = { prompt: 'Say hello', correlationId: 'c-1' };

const QUICK = {
  WEIR_LLM_FIRST_CONTENT_SECONDS: '0.3',
  WEIR_LLM_STALL_SECONDS: '0.3',
  WEIR_LLM_OPEN_SECONDS: '0.5',
};

export interface CallOptions {
  timeoutMs?: number;
  request?: Partial<ModelRequest>;
  run?: AbortController;
}

/** The router of one replica in front of two simulated providers, `primary` and `backup`, on a real Redis. */
export class RouterRig {
  models: TestModels;

  private constructor(
    private readonly simulator: Simulator,
    private readonly redis: TestRedis,
    readonly store: RedisStore,
  ) {
    this.models = testModels(store, { ...QUICK, ...this.both });
  }

  static async open(): Promise<RouterRig> {
    const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: TOKENS, stall_ms: 30_000 });
    await simulator.start();
    const redis = await testRedis();
    const store = createRedisStore({ ...redis, log: recordedLog() });
    await store.connections.ready();
    const rig = new RouterRig(simulator, redis, store);
    await rig.models.board.start();
    return rig;
  }

  async close(): Promise<void> {
    await this.models.board.stop();
    await this.store.close();
    await this.redis.close();
    await this.simulator.stop();
  }

  get primary() {
    return this.simulator.provider('primary');
  }

  get backup() {
    return this.simulator.provider('backup');
  }

  /** Settings of a replica that has the primary alone. */
  get primaryAlone(): Record<string, string> {
    return this.settingsOf('primary');
  }

  /** Settings of a replica that has both providers. */
  get both(): Record<string, string> {
    return { ...this.settingsOf('primary'), ...this.settingsOf('backup') };
  }

  /** Starts the router anew with these settings instead of those of both providers. */
  async use(settings: Record<string, string>): Promise<void> {
    await this.models.board.stop();
    this.models = testModels(this.store, { ...QUICK, ...settings });
    await this.models.board.start();
  }

  ask(options: CallOptions = {}): AskedCall {
    return new AskedCall(this.models, options);
  }

  /** Whether the metrics hold this line, or the beginning of one. */
  async metric(text: string): Promise<boolean> {
    return (await this.models.metrics.registry.metrics()).includes(text);
  }

  private settingsOf(provider: 'primary' | 'backup'): Record<string, string> {
    const name = provider.toUpperCase();
    return {
      [`WEIR_LLM_${name}_BASE_URL`]: `${this.simulator.url}/${provider}/v1`,
      [`WEIR_LLM_${name}_MODEL`]: `${provider}-model`,
    };
  }
}

/** A step's call and everything it was told. */
export class AskedCall {
  /** Texts in order; null where what was shown is discarded. */
  readonly sent: Array<string | null> = [];
  readonly switches: string[] = [];
  readonly answer: Promise<ModelAnswer>;
  readonly begunAt = performance.now();

  constructor(models: TestModels, { timeoutMs = 20_000, request = {}, run = new AbortController() }: CallOptions) {
    const deadline = new Deadline(timeoutMs, run.signal);
    this.answer = models.router
      .complete(
        { ...REQUEST, ...request },
        {
          deadline,
          userId: 'ann',
          onText: (text) => {
            this.sent.push(text);
          },
          onRestart: () => this.sent.push(null),
          onSwitched: (provider) => this.switches.push(provider),
          log: recordedLog(),
        },
      )
      .finally(() => deadline.clear());
    this.answer.catch(() => undefined);
  }

  /** What a watcher has in the end. */
  get shown(): string {
    return this.sent.slice(this.sent.lastIndexOf(null) + 1).join('');
  }

  get restarts(): number {
    return this.sent.filter((piece) => piece === null).length;
  }

  /** Rejects when there is an answer, or an error that is none of a model or step. */
  async failure(): Promise<ModelFailure | StepFailure> {
    const error = await this.answer.then(
      () => 'an answer',
      (reason: unknown) => reason,
    );
    if (error instanceof ModelFailure || error instanceof StepFailure) return error;
    throw new Error(`expected a failure, got ${String(error)}`);
  }
}
