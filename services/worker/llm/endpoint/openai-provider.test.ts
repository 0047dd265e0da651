import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../../tests/support/worker/scripted-server.ts';
import { createSimulator } from '../../../llm-sim/simulator.ts';
import { ModelFailure, type ModelFailureKind } from '../model-failure.ts';
import type { ModelRequest } from '../provider.ts';
import { OpenAiProvider, type OpenAiProviderOptions } from './openai-provider.ts';

const REQUEST: ModelRequest = { prompt: 'Say hello', correlationId: 'c-1' };

function provider(url: string, options: Partial<OpenAiProviderOptions> = {}): OpenAiProvider {
  return new OpenAiProvider({
    name: 'primary',
    baseUrl: `${url}/v1`,
    apiKey: 'key',
    apiVersion: '',
    model: 'sim-1',
    largeModel: '',
    ignoresStepModel: false,
    firstContentMs: 5_000,
    stallMs: 5_000,
    ...options,
  });
}

/** A call under way: what it sent, how often it came alive, and how it ended. */
function ask(from: OpenAiProvider, request: Partial<ModelRequest> = {}, signal = new AbortController().signal) {
  const call = { sent: [] as string[], alive: 0 };
  const ended = from.complete(
    { ...REQUEST, ...request },
    { signal, onText: (text) => call.sent.push(text), onAlive: () => (call.alive += 1) },
  );
  return {
    call,
    ended,
    failed: ended.then(
      () => 'an answer',
      (error: unknown) => error,
    ),
  };
}

async function failure(promise: Promise<unknown>): Promise<ModelFailure> {
  const error = await promise;
  expect(error).to.be.instanceOf(ModelFailure);
  return error as ModelFailure;
}

const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const open = (response: Parameters<Answer>[0]) => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
const stream =
  (...parts: string[]): Answer =>
  (response) =>
    open(response).end(parts.join(''));
const whole = stream(chunk({ content: 'all ' }), chunk({ content: 'well' }, 'stop'), 'data: [DONE]\n\n');

describe('model endpoint with the simulator', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 12 });
  before(() => simulator.start());
  after(() => simulator.stop());

  it('streams the pieces, says once that it is alive, and resolves with the whole text and its usage', async () => {
    const { call, ended } = ask(provider(simulator.url));
    const answer = await ended;
    expect(call.alive).to.equal(1);
    expect(call.sent).to.have.length(12);
    expect(answer).to.deep.equal({
      text: call.sent.join(''),
      provider: 'primary',
      model: 'sim-1',
      finishReason: 'stop',
      usage: { inputTokens: answer.usage?.inputTokens, outputTokens: 12 },
    });
  });
});

describe('model endpoint', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());
  beforeEach(() => server.seen.splice(0));

  const closed = (aborted: number) =>
    until(() => server.aborted === aborted + 1, { timeoutMs: 1_000, what: 'the closed socket' });

  /** Streams that stop before the whole answer has come; each must be a failure, never a success. */
  const broken: Record<string, [Answer, ModelFailureKind]> = {
    'ends politely without a finish reason': [stream(chunk({ content: 'half' }), 'data: [DONE]\n\n'), 'truncated'],
    'is closed in mid-stream': [stream(chunk({ content: 'half' })), 'truncated'],
    'is reset in mid-stream': [
      (response) => open(response).write(chunk({ content: 'half' }), () => response.destroy()),
      'truncated',
    ],
    'is reset after the headers': [
      (response) => open(response).write(': hi\n\n', () => response.destroy()),
      'truncated',
    ],
    'is empty': [stream(), 'truncated'],
    'is not a stream at all': [
      (response) => response.writeHead(200).end('{"choices":[{"message":{"content":"x"}}]}'),
      'truncated',
    ],
    'breaks off inside a chunk': [stream(chunk({ content: 'half' }), 'data: {"choices":[{"del'), 'truncated'],
    'carries something that is not JSON': [
      stream(chunk({ content: 'half' }), 'data: oops\n\n', chunk({ content: 'x' }, 'stop')),
      'malformed',
    ],
    'carries JSON that is no chunk': [stream('data: null\n\n', chunk({ content: 'x' }, 'stop')), 'malformed'],
    'carries text that is no string': [stream(chunk({ content: 5 }), chunk({}, 'stop')), 'malformed'],
    'ends for a reason nobody knows': [stream(chunk({ content: 'x' }, 'eos')), 'malformed'],
    'was ended by the content filter': [stream(chunk({ content: 'x' }, 'content_filter')), 'content_filtered'],
    'was cut at the length limit of the model': [stream(chunk({ content: 'x' }, 'length')), 'cut_short'],
    'is endless': [stream(chunk({ content: 'x'.repeat(300_000) }), chunk({}, 'stop')), 'too_large'],
    'is reset before its headers': [(response) => response.destroy(), 'unreachable'],
    'is reset before its headers by force': [(response) => response.socket?.resetAndDestroy(), 'unreachable'],
    'carries an error': [stream(chunk({ content: 'x' }), 'data: {"error":{"message":"boom"}}\n\n'), 'server_error'],
    'carries a rate limit': [stream('data: {"error":{"code":429,"message":"slow down"}}\n\n'), 'rate_limited'],
    'carries a named rate limit': [stream('data: {"error":{"type":"rate_limit_error"}}\n\n'), 'rate_limited'],
    'carries the word of the content filter': [
      stream('data: {"error":{"code":"content_filter"}}\n\n'),
      'content_filtered',
    ],
    'finds the prompt too long after all': [
      stream('data: {"error":{"message":"maximum context length is 8192"}}\n\n'),
      'context_too_long',
    ],
  };
  for (const [what, [answer, kind]] of Object.entries(broken)) {
    it(`never takes a stream for an answer that ${what}: ${kind}`, async () => {
      server.script(answer);
      expect((await failure(ask(provider(server.url)).failed)).kind).to.equal(kind);
      expect(server.seen).to.have.length(1);
    });
  }

  it('takes an answer as whole when the connection breaks after the finish reason', async () => {
    server.script((response) => open(response).write(chunk({ content: 'done' }, 'stop'), () => response.destroy()));
    expect((await ask(provider(server.url)).ended).text).to.equal('done');
  });

  it('does not wait long for a usage that never comes, and closes the socket', async () => {
    server.script((response) => open(response).write(chunk({ content: 'done' }, 'stop')));
    const aborted = server.aborted;
    expect((await ask(provider(server.url, { stallMs: 60_000 })).ended).text).to.equal('done');
    await closed(aborted);
  }).timeout(5_000);

  it('accepts an answer cut at the max_tokens that was asked for', async () => {
    server.script(stream(chunk({ content: 'ab' }, 'length')));
    expect(await ask(provider(server.url), { maxTokens: 2 }).ended).to.include({ text: 'ab', finishReason: 'length' });
  });

  it("takes the model's own refusal for an answer, and an empty finish reason for none", async () => {
    server.script(stream(chunk({ refusal: 'I will ' }, ''), chunk({ refusal: 'not.' }, ''), chunk({}, 'stop')));
    const { call, ended } = ask(provider(server.url));
    expect((await ended).text).to.equal('I will not.');
    expect(call.sent).to.deep.equal(['I will ', 'not.']);
  });

  it('leaves an error of whoever reads the pieces what it is', async () => {
    server.script(whole);
    const ours = new Error('ours');
    const call = provider(server.url).complete(REQUEST, {
      signal: new AbortController().signal,
      onText: () => {
        throw ours;
      },
    });
    expect(await call.catch((error: unknown) => error)).to.equal(ours);
  });

  /** What keeps the connection busy without a token. */
  const lifeless: Record<string, string> = {
    nothing: '',
    'keep-alive comments': ': ping\n\n',
    'role-only chunks': chunk({ role: 'assistant' }),
    'empty chunks': chunk({ content: '', refusal: null, reasoning_content: '', tool_calls: [] }),
    'usage alone': `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } })}\n\n`,
  };
  const repeating = (first: string, then: string): Answer => {
    return (response) => {
      open(response).write(first || ': open\n\n');
      const timer = setInterval(() => response.write(then || ''), 10);
      response.on('close', () => clearInterval(timer));
    };
  };
  for (const [what, text] of Object.entries(lifeless)) {
    it(`is slow when before the first token only ${what} came, stalled when after it, and closes the socket`, async () => {
      server.script(repeating('', text), repeating(chunk({ content: 'half' }), text));
      const aborted = server.aborted;
      const slow = ask(provider(server.url, { firstContentMs: 150 }));
      expect((await failure(slow.failed)).kind).to.equal('slow');
      expect(slow.call.alive).to.equal(0);
      await closed(aborted);
      const stalled = ask(provider(server.url, { stallMs: 150 }));
      expect((await failure(stalled.failed)).kind).to.equal('stalled');
      expect(stalled.call).to.deep.equal({ sent: ['half'], alive: 1 });
      await closed(aborted + 1);
    });
  }

  it('is slow when no headers come, and when the text of an error does not come', async () => {
    server.script(
      () => undefined,
      (response) => response.writeHead(500).flushHeaders(),
    );
    const aborted = server.aborted;
    for (const nth of [0, 1]) {
      expect((await failure(ask(provider(server.url, { firstContentMs: 100 })).failed)).kind).to.equal('slow');
      await closed(aborted + nth);
    }
  });

  for (const field of ['reasoning_content', 'reasoning', 'refusal']) {
    it(`counts ${field} as life, before the first word and between words`, async () => {
      server.script(async (response) => {
        open(response);
        for (let n = 0; n < 8; n += 1) {
          response.write(chunk({ [field]: 'hm' }));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        response.end(chunk({ content: 'so' }, 'stop'));
      });
      const { call, ended } = ask(provider(server.url, { firstContentMs: 250, stallMs: 250 }));
      expect((await ended).text).to.match(/so$/);
      expect(call.alive).to.equal(1);
    });
  }

  for (const [when, answer] of Object.entries({
    'before the headers': (() => undefined) as Answer,
    'in mid-stream': ((response) => open(response).write(chunk({ content: 'half' }))) as Answer,
  })) {
    it(`ends with the caller's reason and a closed socket when aborted ${when}`, async () => {
      server.script(answer);
      const aborted = server.aborted;
      const run = new AbortController();
      const { call, failed } = ask(provider(server.url), {}, run.signal);
      await until(() => server.seen.length === 1 && (when !== 'in mid-stream' || call.sent.length === 1), {
        timeoutMs: 1_000,
        what: 'the call under way',
      });
      const reason = new Error('cancelled');
      run.abort(reason);
      expect(await failed).to.equal(reason);
      await closed(aborted);
    });
  }

  it('is unreachable where nobody listens, where no such host is, and where nobody speaks TLS', async () => {
    const gone = await scriptedServer();
    await gone.close();
    const urls = [gone.url, 'http://no-such-host.invalid', server.url.replace('http:', 'https:')];
    for (const url of urls) expect((await failure(ask(provider(url)).failed)).kind, url).to.equal('unreachable');
  });

  it('is unreachable where somebody listens who does not speak HTTP', async () => {
    const other = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expect((await failure(ask(provider(`http://127.0.0.1:${port}`)).failed)).kind).to.equal('unreachable');
    other.close();
  });

  const asked = () => server.seen.map(({ body }) => (JSON.parse(body) as { model: string }).model);

  it("asks the step's model, else its own, and the large one when a longer context is needed", async () => {
    server.script(whole);
    const large = provider(server.url, { largeModel: 'sim-large' });
    expect([large.hasLargeModel, provider(server.url).hasLargeModel]).to.deep.equal([true, false]);
    for (const request of [{}, { model: 'named' }, { model: 'named', large: true }]) await ask(large, request).ended;
    expect(asked()).to.deep.equal(['sim-1', 'named', 'sim-large']);
  });

  it("asks its own model whatever the step names when it ignores it, and the step's if it has none", async () => {
    server.script(whole);
    await ask(provider(server.url, { ignoresStepModel: true }), { model: 'named' }).ended;
    await ask(provider(server.url, { ignoresStepModel: true, model: '' }), { model: 'named' }).ended;
    expect(asked()).to.deep.equal(['sim-1', 'named']);
  });

  it('sends a key as a bearer token and the correlation id', async () => {
    server.script(whole);
    await ask(provider(server.url)).ended;
    expect(server.seen[0]).to.have.property('url', '/v1/chat/completions');
    expect(server.seen[0]?.headers).to.include({ authorization: 'Bearer key', 'x-correlation-id': 'c-1' });
  });

  it('speaks to Azure OpenAI by deployment, with its key in a header of its own', async () => {
    server.script(whole);
    const azure = provider(server.url, { baseUrl: server.url, apiVersion: '2024-10-21', model: 'gpt-weir' });
    expect((await ask(azure).ended).text).to.equal('all well');
    expect(server.seen[0]?.url).to.equal('/openai/deployments/gpt-weir/chat/completions?api-version=2024-10-21');
    expect(server.seen[0]?.headers).to.include({ 'api-key': 'key' }).and.not.have.property('authorization');
  });

  it('keeps the name of a deployment one part of the address', async () => {
    server.script(whole);
    const azure = provider(server.url, { baseUrl: server.url, apiVersion: '2024-10-21' });
    expect((await failure(ask(azure, { model: '../../admin?x=' }).failed)).kind).to.equal('rejected');
    expect(server.seen).to.have.length(0);
  });
});
