import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../../redis/store.ts';
import type { LlmConfig } from '../../../shared/workflow/definition.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { type TestRedis, testRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { stepContext } from '../../../tests/support/worker/step-context.ts';
import { type TestModels, testModels } from '../../../tests/support/worker/test-models.ts';
import { createSimulator } from '../../llm-sim/simulator.ts';
import { LlmExecutor } from './llm.ts';
import { StepFailure } from './step-failure.ts';

const step = (config: Partial<LlmConfig> = {}) => ({
  name: 'ask',
  type: 'llm' as const,
  config: { prompt: 'Say hello', ...config },
});

async function failure(promise: Promise<unknown>): Promise<StepFailure> {
  const error = await promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(StepFailure);
  return error as StepFailure;
}

describe('llm step with the simulator', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 12 });
  let redis: TestRedis;
  let store: RedisStore;
  let models: TestModels;
  let llm: LlmExecutor;

  before(async () => {
    await simulator.start();
    redis = await testRedis();
    store = createRedisStore({ ...redis, log: recordedLog() });
    await store.connections.ready();
  });
  after(async () => {
    await store.close();
    await redis.close();
    await simulator.stop();
  });
  beforeEach(async () => {
    simulator.control({ tokens: 12, tokens_per_second: 0 });
    await use({ WEIR_LLM_PRIMARY_BASE_URL: `${simulator.url}/v1`, WEIR_LLM_PRIMARY_MODEL: 'sim-1' });
  });
  afterEach(() => models.board.stop());

  async function use(settings: Record<string, string>): Promise<void> {
    await models?.board.stop();
    models = testModels(store, settings);
    await models.board.start();
    llm = new LlmExecutor(models.router);
  }

  it('fills templates in, streams pieces live and ends with the whole text and its usage', async () => {
    const context = stepContext({ scope: { payload: { who: 'Ada' }, outputs: {} } });
    const result = await llm.execute(
      step({ prompt: 'Greet {{payload.who}}', system: 'Be kind to {{payload.who}}' }),
      context,
    );
    expect(result.output).to.equal('You asked: "Greet Ada". Here is a short, calm answer to that.');
    expect(context.sent).to.have.length(12);
    expect(context.sent.join('')).to.equal(result.output);
    expect(result.usage).to.deep.equal({
      provider: 'primary',
      model: 'sim-1',
      finish_reason: 'stop',
      input_tokens: 6,
      output_tokens: 12,
    });
  });

  it('counts calls, tokens and the time to the first content', async () => {
    await llm.execute(step(), stepContext());
    const text = await models.metrics.registry.metrics();
    expect(text).to.include('weir_llm_calls_total{provider="primary",outcome="ok"} 1');
    expect(text).to.include('weir_llm_tokens_total{provider="primary",model="sim-1",direction="output"} 12');
    expect(text).to.include('weir_llm_user_tokens_total{user="ann",direction="output"} 12');
    expect(text).to.include('weir_llm_first_content_seconds_count{provider="primary"} 1');
    expect(text).to.include('weir_llm_calls_total{provider="primary",outcome="slow"} 0');
    expect(text, 'without a price there is no cost').to.not.include('weir_llm_cost_usd_total{');
  });

  it('says in the usage what the answer cost, where the provider has a price, and counts it', async () => {
    await use({
      WEIR_LLM_PRIMARY_BASE_URL: `${simulator.url}/v1`,
      WEIR_LLM_PRIMARY_MODEL: 'sim-1',
      WEIR_LLM_PRIMARY_INPUT_USD_PER_MILLION_TOKENS: '0.5',
      WEIR_LLM_PRIMARY_OUTPUT_USD_PER_MILLION_TOKENS: '2',
    });
    const { usage } = await llm.execute(step(), stepContext());
    const { input_tokens: input } = usage as { input_tokens: number };
    const cost = (input * 0.5 + 12 * 2) / 1_000_000;
    expect(usage).to.include({ output_tokens: 12, cost_usd: cost });
    await llm.execute(step(), stepContext());
    expect(await metricValue(models.metrics.llm.cost, { provider: 'primary', model: 'sim-1' })).to.equal(2 * cost);
  });

  it('accepts an answer cut at the max_tokens the step asked for, and says so in the usage', async () => {
    const result = await llm.execute(step({ max_tokens: 3 }), stepContext());
    expect(result.output).to.equal('You asked: "Say');
    expect(result.usage).to.include({ finish_reason: 'length' });
  });

  it('closes the provider socket at once when the run is aborted in mid-stream', async () => {
    simulator.control({ tokens_per_second: 20, tokens: 1_000 });
    const run = new AbortController();
    const context = stepContext({ signal: run.signal });
    const ended = llm.execute(step(), context).catch((error: unknown) => error);
    await until(() => context.sent.length > 1, { timeoutMs: 5_000, what: 'the first pieces' });
    const aborted = simulator.stats.aborted;
    const reason = new Error('cancelled');
    run.abort(reason);
    expect(await ended).to.equal(reason);
    await until(() => simulator.stats.aborted === aborted + 1 && simulator.stats.active === 0, {
      timeoutMs: 5_000,
      what: 'the closed socket',
    });
  });

  it('fails with llm_timeout when its time is over, and closes the socket', async () => {
    simulator.control({ tokens_per_second: 20, tokens: 1_000 });
    const aborted = simulator.stats.aborted;
    const error = await failure(llm.execute(step({ timeout_seconds: 1 }), stepContext()));
    expect(error).to.include({ code: 'llm_timeout', reason: 'The model did not finish within 1 s.' });
    await until(() => simulator.stats.aborted > aborted, { timeoutMs: 5_000, what: 'the closed socket' });
  });

  it('says clearly that no provider is configured', async () => {
    await use({});
    expect(await failure(llm.execute(step(), stepContext()))).to.include({ code: 'llm_not_configured' });
  });
});
