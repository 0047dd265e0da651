import { expect } from 'chai';
import { createRedisStore, type RedisStore } from '../../../../redis/store.ts';
import { recordedLog } from '../../../../tests/support/recorded-log.ts';
import { type TestRedis, testRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { type TestModels, testModels } from '../../../../tests/support/worker/test-models.ts';
import { createSimulator } from '../../../llm-sim/simulator.ts';
import { Deadline } from '../../steps/deadline.ts';
import { StepFailure } from '../../steps/step-failure.ts';
import { ModelFailure } from '../model-failure.ts';
import type { ModelAnswer, ModelRequest } from '../provider.ts';

const TOKENS = 60;
const REQUEST: ModelRequest = { prompt: 'Say hello', correlationId: 'c-1' };

/** A step's call and everything it was told. */
class Asked {
  readonly sent: Array<string | null> = [];
  readonly switches: string[] = [];
  readonly deadline: Deadline;
  readonly answer: Promise<ModelAnswer>;
  readonly begunAt = performance.now();

  constructor(
    models: TestModels,
    { timeoutMs = 20_000, request = {} as Partial<ModelRequest>, run = new AbortController() },
  ) {
    this.deadline = new Deadline(timeoutMs, run.signal);
    this.answer = models.router
      .complete(
        { ...REQUEST, ...request },
        {
          deadline: this.deadline,
          userId: 'ann',
          onText: (text) => {
            this.sent.push(text);
          },
          onRestart: () => this.sent.push(null),
          onSwitched: (provider) => this.switches.push(provider),
          log: recordedLog(),
        },
      )
      .finally(() => this.deadline.clear());
    this.answer.catch(() => undefined);
  }

  /** What a watcher has in the end. */
  get shown(): string {
    return this.sent.slice(this.sent.lastIndexOf(null) + 1).join('');
  }

  get restarts(): number {
    return this.sent.filter((piece) => piece === null).length;
  }

  async failure(): Promise<ModelFailure | StepFailure> {
    const error = await this.answer.then(
      () => 'an answer',
      (reason: unknown) => reason,
    );
    if (error instanceof ModelFailure || error instanceof StepFailure) return error;
    throw new Error(`expected a failure, got ${String(error)}`);
  }
}

describe('the router of model calls', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: TOKENS });
  let redis: TestRedis;
  let store: RedisStore;
  let models: TestModels;

  const primary = () => simulator.provider('primary');
  const backup = () => simulator.provider('backup');
  const part = (name: 'PRIMARY' | 'BACKUP') => ({
    [`WEIR_LLM_${name}_BASE_URL`]: `${simulator.url}/${name.toLowerCase()}/v1`,
    [`WEIR_LLM_${name}_MODEL`]: `${name.toLowerCase()}-model`,
  });
  const QUICK = {
    WEIR_LLM_FIRST_CONTENT_SECONDS: '0.3',
    WEIR_LLM_STALL_SECONDS: '0.3',
    WEIR_LLM_OPEN_SECONDS: '0.5',
  };
  const use = async (settings: Record<string, string>) => {
    await models?.board.stop();
    models = testModels(store, { ...QUICK, ...settings });
    await models.board.start();
  };
  const ask = (options: ConstructorParameters<typeof Asked>[1] = {}) => new Asked(models, options);
  const metric = async (text: string) => (await models.metrics.registry.metrics()).includes(text);

  before(() => simulator.start());
  after(() => simulator.stop());
  beforeEach(async () => {
    redis = await testRedis();
    store = createRedisStore({ ...redis, log: recordedLog() });
    await store.connections.ready();
    for (const provider of [primary(), backup()]) {
      provider.control({ mode: 'ok', tokens: TOKENS, tokens_per_second: 0, stall_ms: 30_000 });
      provider.seen.splice(0);
    }
    await use({ ...part('PRIMARY'), ...part('BACKUP') });
  });
  afterEach(async () => {
    await models.board.stop();
    await store.close();
    await redis.close();
  });

  it('asks the primary and nobody else while it is well', async () => {
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'primary', model: 'primary-model', finishReason: 'stop' });
    expect(asked).to.deep.include({ switches: [], restarts: 0 });
    expect(backup().seen).to.have.length(0);
  });

  it('repeats once on the same provider after one error', async () => {
    primary().control({ mode: 'error_once' });
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(primary().seen).to.have.length(2);
    expect(asked.switches).to.deep.equal([]);
  });

  it('waits as long as the provider asks for', async () => {
    primary().control({ mode: 'rate_limited_once' });
    expect(await ask().answer).to.include({ provider: 'primary' });
    const [first, second] = primary().seen;
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.at.least(990);
  });

  for (const mode of ['unavailable', 'unavailable_billed', 'rate_limited', 'reset'] as const) {
    it(`goes to the backup after two calls, silently, when the primary is: ${mode}`, async () => {
      primary().control({ mode });
      const asked = ask();
      const answer = await asked.answer;
      expect(answer).to.include({ provider: 'backup', model: 'backup-model' });
      expect(answer.usage?.outputTokens).to.equal(TOKENS);
      expect(asked.shown).to.equal(answer.text);
      expect(asked).to.deep.include({ switches: ['backup'], restarts: 0 });
      expect(primary().seen).to.have.length(2);
      expect(
        await metric(`weir_llm_tokens_total{provider="backup",model="backup-model",direction="output"} ${TOKENS}`),
      ).to.equal(true);
      expect(await metric('weir_llm_tokens_total{provider="primary"')).to.equal(false);
    });
  }

  for (const mode of ['silent', 'slow', 'stalled_before', 'unauthorized'] as const) {
    it(`goes to the backup at once and opens the primary when it is: ${mode}`, async () => {
      primary().control({ mode });
      const asked = ask();
      expect(await asked.answer).to.include({ provider: 'backup' });
      expect(asked.restarts).to.equal(0);
      expect(models.board.active).to.equal('backup');
      await until(() => primary().stats.active === 0, { timeoutMs: 1_000, what: 'the closed socket' });
    });
  }

  for (const mode of ['cut', 'stalled', 'malformed', 'unfinished', 'unfinished_done', 'stream_error'] as const) {
    it(`has what was shown discarded and starts clean on the backup when the primary is: ${mode}`, async () => {
      primary().control({ mode });
      backup().control({ mode: 'no_prefill' });
      const asked = ask();
      const answer = await asked.answer;
      expect(answer).to.include({ provider: 'backup' });
      expect(answer.usage?.outputTokens).to.equal(TOKENS);
      expect(asked.shown).to.equal(answer.text);
      expect(asked).to.deep.include({ switches: ['backup'], restarts: 1 });
      expect(backup().seen.map(({ roles }) => roles)).to.deep.equal([['user']]);
      await until(() => primary().stats.active === 0, { timeoutMs: 1_000, what: 'the closed socket' });
    });
  }

  it('asks the larger model of the same provider when the prompt is too long, and nobody twice', async () => {
    await use({ ...part('PRIMARY'), ...part('BACKUP'), WEIR_LLM_PRIMARY_LARGE_MODEL: 'primary-large' });
    primary().control({ mode: 'context_length' });
    expect(await ask().answer).to.include({ provider: 'primary', model: 'primary-large' });
    expect(primary().seen.map(({ model }) => model)).to.deep.equal(['primary-model', 'primary-large']);
  });

  it('asks the larger model of the other provider when the first has none', async () => {
    await use({ ...part('PRIMARY'), ...part('BACKUP'), WEIR_LLM_BACKUP_LARGE_MODEL: 'backup-large' });
    primary().control({ mode: 'context_length' });
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'backup', model: 'backup-large' });
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('says that the prompt is too long when no model can read it', async () => {
    primary().control({ mode: 'context_length' });
    expect(await ask().failure()).to.include({ kind: 'context_too_long' });
    expect([primary().seen.length, backup().seen.length]).to.deep.equal([1, 0]);
  });

  for (const mode of ['content_filter', 'filtered_midway'] as const) {
    it(`neither repeats nor moves what was refused for its content: ${mode}`, async () => {
      primary().control({ mode });
      expect(await ask().failure()).to.include({ kind: 'content_filtered' });
      expect([primary().seen.length, backup().seen.length]).to.deep.equal([1, 0]);
      expect(models.board.active).to.equal('primary');
    });
  }

  it('sends everybody to the backup without a try while the primary is open', async () => {
    primary().control({ mode: 'silent' });
    await ask().answer;
    const calls = primary().stats.requests;
    const later = Array.from({ length: 10 }, () => ask());
    for (const asked of later) {
      expect(await asked.answer).to.include({ provider: 'backup' });
      expect(asked.switches).to.deep.equal(['backup']);
    }
    expect(primary().stats.requests - calls).to.be.at.most(1);
  });

  it('moves calls that wait for their first token in the moment the primary is found to be down', async () => {
    primary().control({ mode: 'silent' });
    await use({ ...part('PRIMARY'), ...part('BACKUP'), WEIR_LLM_FIRST_CONTENT_SECONDS: '20' });
    const waiting = Array.from({ length: 20 }, () => ask());
    await until(() => primary().stats.active === 20, { timeoutMs: 5_000, what: 'twenty calls under way' });
    const openedAt = performance.now();
    await store.providers.open('primary', { reason: 'slow', by: 'another replica', openMs: 60_000 });
    for (const asked of waiting) expect(await asked.answer).to.include({ provider: 'backup' });
    expect(performance.now() - openedAt).to.be.below(5_000);
    expect(waiting.map(({ restarts }) => restarts)).to.deep.equal(Array(20).fill(0));
    await until(() => primary().stats.active === 0, { timeoutMs: 1_000, what: 'closed sockets' });
  });

  it('moves a call that hangs on a provider found to be down as soon as another one is well again', async () => {
    primary().control({ mode: 'silent' });
    await use({ ...part('PRIMARY'), ...part('BACKUP'), WEIR_LLM_FIRST_CONTENT_SECONDS: '20' });
    const { opening } = await store.providers.open('backup', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => models.board.standings()[1]?.state === 'open', {
      timeoutMs: 2_000,
      what: 'the backup to be open',
    });
    const asked = ask();
    await until(() => primary().stats.active === 1, { timeoutMs: 2_000, what: 'the hanging call' });
    await store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => models.board.active === null, { timeoutMs: 2_000, what: 'nobody to be asked' });
    await store.providers.close('backup', opening);
    expect(await asked.answer).to.include({ provider: 'backup' });
  });

  it('does not wait out a pause for a provider that is found to be down meanwhile', async () => {
    primary().control({ mode: 'rate_limited_once', retry_after_seconds: 8 });
    const asked = ask();
    await until(() => primary().seen.length === 1 && primary().stats.active === 0, {
      timeoutMs: 2_000,
      what: 'the refusal',
    });
    await store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(performance.now() - asked.begunAt, 'ms, of the 8 s it would wait').to.be.below(6_000);
  });

  it('lets a call that has its first token go on when its provider opens', async () => {
    primary().control({ mode: 'ok', tokens_per_second: 100 });
    const asked = ask();
    await until(() => asked.sent.length > 0, { timeoutMs: 2_000, what: 'the first text' });
    await store.providers.open('primary', { reason: 'slow', by: 'r2', openMs: 60_000 });
    await until(() => models.board.active === 'backup', { timeoutMs: 2_000, what: 'the opening' });
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(asked).to.deep.include({ restarts: 0, switches: [] });
  });

  it('tells of the switch once, however often the backup has to be asked', async () => {
    primary().control({ mode: 'unavailable' });
    backup().control({ mode: 'error_once' });
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(backup().seen).to.have.length(2);
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('goes back to the primary when the backup fails twice and the primary is well again', async () => {
    primary().control({ mode: 'unavailable' });
    backup().control({ mode: 'unavailable' });
    const asked = ask();
    await until(() => backup().seen.length > 0, { timeoutMs: 5_000, what: 'the backup to be asked' });
    primary().control({ mode: 'ok' });
    expect(await asked.answer).to.include({ provider: 'primary' });
    expect(backup().seen.length).to.be.at.least(2);
  });

  it('comes back to the primary when the probe finds it well', async () => {
    primary().control({ mode: 'outage', outage_ms: 1_500 });
    expect(await ask().answer).to.include({ provider: 'backup' });
    await ask().answer;
    await until(async () => (await ask().answer).provider === 'primary', { timeoutMs: 5_000, what: 'the primary' });
  });

  it('asks the provider an administrator forces', async () => {
    await store.providers.force('backup');
    await until(() => models.board.active === 'backup', { timeoutMs: 2_000, what: 'the forced provider' });
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(asked.switches).to.deep.equal(['backup']);
  });

  it('remembers whom to tell when the primary is back', async () => {
    await store.providers.force('backup');
    await until(() => models.board.active === 'backup', { timeoutMs: 2_000, what: 'the forced provider' });
    await ask().answer;
    await until(async () => (await store.providers.takeSwitched(1))[0] === 'ann', { timeoutMs: 1_000, what: 'ann' });
  });

  describe('without a backup', () => {
    beforeEach(() => use(part('PRIMARY')));

    it('waits for the primary and succeeds when it comes back in time', async () => {
      primary().control({ mode: 'outage', outage_ms: 1_500 });
      expect(await ask().answer).to.include({ provider: 'primary' });
      expect(primary().seen.length).to.be.at.most(10);
    }).timeout(15_000);

    it('fails with the reason, within its time, when it stays down', async () => {
      primary().control({ mode: 'unavailable' });
      const asked = ask({ timeoutMs: 2_500 });
      expect(await asked.failure()).to.include({ kind: 'server_error' });
      expect(performance.now() - asked.begunAt).to.be.below(4_000);
      expect(primary().stats.active).to.equal(0);
    }).timeout(10_000);

    it('never shows a broken answer as a whole one, and has each broken one discarded', async () => {
      primary().control({ mode: 'cut' });
      const asked = ask({ timeoutMs: 3_000 });
      expect(await asked.failure()).to.include({ kind: 'truncated' });
      expect(asked.shown).to.equal('');
    }).timeout(10_000);

    it('fails at once when the primary asks for more patience than the step has', async () => {
      primary().control({ mode: 'rate_limited_once' });
      const asked = ask({ timeoutMs: 900 });
      expect(await asked.failure()).to.include({ kind: 'throttled' });
      expect(primary().seen).to.have.length(1);
    });
  });

  it('fails with the last reason when both are down, within its time', async () => {
    primary().control({ mode: 'unavailable' });
    backup().control({ mode: 'reset' });
    const asked = ask({ timeoutMs: 3_000 });
    const failure = await asked.failure();
    expect(failure).to.be.instanceOf(ModelFailure);
    expect(performance.now() - asked.begunAt).to.be.below(5_000);
  }).timeout(10_000);

  it('goes to the backup instead of repeating when the budget of the cluster is used up', async () => {
    // Calls that have ended are no base for a share.
    for (let call = 0; call < 20; call++) await ask().answer;
    primary().seen.splice(0);
    for (const token of ['a', 'b', 'c'])
      await store.providers.takeRetry({ replica: 'other', activeCalls: 1, token, leaseMs: 60_000 });
    primary().control({ mode: 'error_once' });
    const asked = ask();
    expect(await asked.answer).to.include({ provider: 'backup' });
    expect(primary().seen).to.have.length(1);
    expect(await metric('weir_llm_retries_total{provider="primary",outcome="denied"} 1')).to.equal(true);
  });

  it('gives its places in the budget back', async () => {
    for (let round = 0; round < 5; round++) {
      primary().control({ mode: 'error_once' });
      expect(await ask().answer).to.include({ provider: 'primary' });
    }
  }).timeout(15_000);

  it('keeps the concurrency limit, in order of arrival', async () => {
    const ids = Array.from({ length: 8 }, (_, n) => `c-${n}`);
    for (const limit of [2, 1]) {
      await use({ ...part('PRIMARY'), WEIR_LLM_PRIMARY_MAX_CONCURRENCY: String(limit) });
      primary().control({ mode: 'ok', tokens: 5, tokens_per_second: 100 });
      primary().seen.splice(0);
      await Promise.all(ids.map((correlationId) => ask({ request: { correlationId } }).answer));
      expect(primary().stats.most_active).to.equal(limit);
    }
    expect(primary().seen.map((seen) => seen.correlation_id)).to.deep.equal(ids);
  });

  it('spaces calls by the rate limit', async () => {
    await use({ ...part('PRIMARY'), WEIR_LLM_PRIMARY_REQUESTS_PER_MINUTE: '120' });
    await Promise.all([1, 2, 3, 4].map(() => ask().answer));
    const times = primary().seen.map(({ at }) => at);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).to.be.at.least(900);
  }).timeout(10_000);

  it('ends at once wherever it waits when its run is aborted, and leaves nothing behind', async () => {
    primary().control({ mode: 'unavailable' });
    await use(part('PRIMARY'));
    const run = new AbortController();
    const asked = ask({ run });
    await until(() => models.board.active === null, { timeoutMs: 5_000, what: 'nobody to be asked' });
    const reason = new Error('cancelled');
    const abortedAt = performance.now();
    run.abort(reason);
    expect(await asked.answer.catch((error: unknown) => error)).to.equal(reason);
    expect(performance.now() - abortedAt, 'ms, of the 20 s it would wait').to.be.below(5_000);
    expect(await metric('weir_llm_calls_in_flight{provider="primary"} 0')).to.equal(true);
  }).timeout(10_000);
});
