import { expect } from 'chai';
import { createMetrics } from '../../../shared/observability/metrics.ts';
import type { Step } from '../../../shared/workflow/definition.ts';
import { until } from '../../../tests/support/until.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../tests/support/worker/scripted-server.ts';
import { stepContext } from '../../../tests/support/worker/step-context.ts';
import { createSimulator } from '../../llm-sim/simulator.ts';
import { OpenAiProvider } from '../llm/endpoint/openai-provider.ts';
import { ProviderRouter } from '../llm/failover/provider-router.ts';
import { LlmExecutor } from './llm.ts';
import { StepFailure } from './step-failure.ts';

type LlmConfig = Extract<Step, { type: 'llm' }>['config'];
const step = (config: Partial<LlmConfig> = {}) => ({
  name: 'ask',
  type: 'llm' as const,
  config: { prompt: 'Say hello', ...config },
});

function executor(url: string, options: { stallMs?: number } = {}) {
  const metrics = createMetrics();
  const primary = new OpenAiProvider({ name: 'primary', baseUrl: `${url}/v1`, apiKey: '', model: 'sim-1', ...options });
  return { metrics, llm: new LlmExecutor(new ProviderRouter({ primary, metrics: metrics.llm, random: () => 0 })) };
}

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
  before(() => simulator.start());
  after(() => simulator.stop());
  beforeEach(() => simulator.control({ tokens: 12, tokens_per_second: 0 }));

  it('fills templates in, streams pieces live and ends with the whole text and its usage', async () => {
    const context = stepContext({ scope: { payload: { who: 'Ada' }, outputs: {} } });
    const { llm } = executor(simulator.url);
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
    const { llm, metrics } = executor(simulator.url);
    await llm.execute(step(), stepContext());
    const text = await metrics.registry.metrics();
    expect(text).to.include('weir_llm_calls_total{provider="primary",outcome="ok"} 1');
    expect(text).to.include('weir_llm_tokens_total{provider="primary",model="sim-1",direction="output"} 12');
    expect(text).to.include('weir_llm_first_content_seconds_count{provider="primary"} 1');
  });

  it('accepts an answer cut at the max_tokens the step asked for, and says so in the usage', async () => {
    const { llm } = executor(simulator.url);
    const result = await llm.execute(step({ max_tokens: 3 }), stepContext());
    expect(result.output).to.equal('You asked: "Say');
    expect(result.usage).to.include({ finish_reason: 'length' });
  });

  it('closes the provider socket at once when the run is aborted in mid-stream', async () => {
    simulator.control({ tokens_per_second: 20, tokens: 1_000 });
    const run = new AbortController();
    const context = stepContext({ signal: run.signal });
    const ended = executor(simulator.url)
      .llm.execute(step(), context)
      .catch((error: unknown) => error);
    await until(() => context.sent.length > 1, { timeoutMs: 5_000, what: 'the first pieces' });
    const aborted = simulator.stats.aborted;
    const reason = new Error('cancelled');
    run.abort(reason);
    expect(await ended).to.equal(reason);
    await until(() => simulator.stats.aborted === aborted + 1 && simulator.stats.active === 0, {
      timeoutMs: 1_000,
      what: 'the closed socket',
    });
  });

  it('fails with llm_timeout when its time is over, and closes the socket', async () => {
    simulator.control({ tokens_per_second: 20, tokens: 1_000 });
    const aborted = simulator.stats.aborted;
    const error = await failure(executor(simulator.url).llm.execute(step({ timeout_seconds: 0.1 }), stepContext()));
    expect(error).to.include({ code: 'llm_timeout', reason: 'The model did not finish within 0.1 s.' });
    await until(() => simulator.stats.aborted > aborted, { timeoutMs: 1_000, what: 'the closed socket' });
  });

  it('says clearly that no provider is configured', async () => {
    const llm = new LlmExecutor(new ProviderRouter({ primary: null, metrics: createMetrics().llm }));
    expect(await failure(llm.execute(step(), stepContext()))).to.include({ code: 'llm_not_configured' });
  });
});

describe('llm step with a provider that misbehaves', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());
  beforeEach(() => server.seen.splice(0));

  const chunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
  const open = (response: Parameters<Answer>[0]) => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const whole: Answer = (response) =>
    open(response).end(`${chunk({ content: 'all ' })}${chunk({ content: 'well' }, 'stop')}data: [DONE]\n\n`);
  const status =
    (code: number, error: object = {}, headers: Record<string, string> = {}): Answer =>
    (response) =>
      response
        .writeHead(code, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify({ error: { message: 'no', ...error } }));

  /** Streams that stop before the whole answer has come; each must be a failure, never a success. */
  const truncated: Record<string, Answer> = {
    'ends politely without a finish reason': (response) =>
      open(response).end(`${chunk({ content: 'half' })}data: [DONE]\n\n`),
    'is closed in mid-stream': (response) => open(response).end(chunk({ content: 'half' })),
    'is reset in mid-stream': (response) => open(response).write(chunk({ content: 'half' }), () => response.destroy()),
    'breaks off inside a chunk': (response) =>
      open(response).end(`${chunk({ content: 'half' })}data: {"choices":[{"del`),
    'carries something that is not JSON': (response) =>
      open(response).end(`${chunk({ content: 'half' })}data: oops\n\n`),
    'is empty': (response) => open(response).end(),
    'is not a stream at all': (response) =>
      void response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"choices":[{"message":{"content":"x"}}]}'),
  };
  for (const [what, answer] of Object.entries(truncated)) {
    it(`never takes a stream for an answer that ${what}`, async () => {
      server.script(answer);
      const context = stepContext();
      expect(await failure(executor(server.url).llm.execute(step(), context))).to.include({ code: 'llm_incomplete' });
      expect(server.seen).to.have.length(3);
    });
  }

  it('tells the watcher to discard before it starts the answer again', async () => {
    server.script(truncated['is reset in mid-stream'] as Answer, whole);
    const context = stepContext();
    expect((await executor(server.url).llm.execute(step(), context)).output).to.equal('all well');
    expect(context.sent).to.deep.equal(['half', null, 'all ', 'well']);
  });

  it('takes an answer as whole when the connection breaks after the finish reason', async () => {
    server.script((response) => open(response).write(chunk({ content: 'done' }, 'stop'), () => response.destroy()));
    expect((await executor(server.url).llm.execute(step(), stepContext())).output).to.equal('done');
  });

  it('gives up on a stream that stalls with the connection open', async () => {
    server.script((response) => open(response).write(chunk({ content: 'half' })));
    const aborted = server.aborted;
    const error = await failure(executor(server.url, { stallMs: 50 }).llm.execute(step(), stepContext()));
    expect(error).to.include({ code: 'llm_unavailable', reason: 'The model provider stopped answering.' });
    await until(() => server.aborted === aborted + 3, { timeoutMs: 1_000, what: 'closed sockets of all tries' });
  });

  it('waits as long as Retry-After says, then tries again', async () => {
    server.script(status(429, {}, { 'retry-after-ms': '80' }), whole);
    const start = performance.now();
    expect((await executor(server.url).llm.execute(step(), stepContext())).output).to.equal('all well');
    expect(performance.now() - start).to.be.at.least(75);
  });

  it('fails at once when the wait asked for is longer than the time that is left', async () => {
    server.script(status(429, {}, { 'retry-after': '30' }));
    const error = await failure(executor(server.url).llm.execute(step({ timeout_seconds: 5 }), stepContext()));
    expect(error).to.include({ code: 'llm_unavailable' });
    expect(server.seen).to.have.length(1);
  });

  it('tries a broken provider three times and no more', async () => {
    server.script(status(503));
    expect(await failure(executor(server.url).llm.execute(step(), stepContext()))).to.include({
      code: 'llm_unavailable',
    });
    expect(server.seen).to.have.length(3);
  });

  const final: Record<string, [Answer, string]> = {
    'a request the provider rejects': [status(400, { message: 'context too long' }), 'llm_rejected'],
    'refused content': [status(400, { code: 'content_filter' }), 'llm_rejected'],
    'credentials the provider refuses': [status(401), 'llm_unavailable'],
    'a spent budget': [status(429, { code: 'insufficient_quota' }), 'llm_unavailable'],
    'an answer ended by the content filter': [
      (response) => open(response).end(chunk({ content: 'x' }, 'content_filter')),
      'llm_rejected',
    ],
    'an answer cut at the length limit of the model': [
      (response) => open(response).end(chunk({ content: 'x' }, 'length')),
      'llm_incomplete',
    ],
  };
  for (const [what, [answer, code]] of Object.entries(final)) {
    it(`does not repeat ${what}`, async () => {
      server.script(answer);
      expect(await failure(executor(server.url).llm.execute(step(), stepContext()))).to.include({ code });
      expect(server.seen).to.have.length(1);
    });
  }

  it('passes the reason of a rejection on to the owner of the run', async () => {
    server.script(status(400, { message: 'maximum context length is 8192 tokens' }));
    expect((await failure(executor(server.url).llm.execute(step(), stepContext()))).reason).to.include(
      'maximum context length is 8192 tokens',
    );
  });

  it('says that nobody listens at the address of the provider', async () => {
    const closed = await scriptedServer();
    await closed.close();
    const error = await failure(executor(closed.url).llm.execute(step(), stepContext()));
    expect(error.reason).to.equal('The model provider could not be reached.');
  });
});
