import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import {
  ask,
  chunk,
  failure,
  open,
  provider,
  REQUEST,
  whole,
} from '../../../../tests/support/worker/model-endpoint.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../../tests/support/worker/scripted-server.ts';
import { createSimulator } from '../../../llm-sim/simulator.ts';

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
    until(() => server.aborted === aborted + 1, { timeoutMs: 5_000, what: 'the closed socket' });

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

  for (const [when, answer] of Object.entries({
    'before the headers': (() => undefined) as Answer,
    'in mid-stream': ((response) => open(response).write(chunk({ content: 'half' }))) as Answer,
  })) {
    it(`ends with the caller's reason and a closed socket when aborted ${when}`, async () => {
      server.script(answer);
      const aborted = server.aborted;
      const run = new AbortController();
      const { call, failed } = ask(provider(server.url, { firstContentMs: 600_000, stallMs: 600_000 }), {}, run.signal);
      await until(() => server.seen.length === 1 && (when !== 'in mid-stream' || call.sent.length === 1), {
        timeoutMs: 5_000,
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
