import { expect } from 'chai';
import OpenAI from 'openai';
import { createSimulator } from './simulator.ts';

const messages = [{ role: 'user' as const, content: 'How do queues\n stay fair?' }];

describe('model simulator', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 12 });
  let client: OpenAI;

  before(async () => {
    await simulator.start();
    client = new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'any', maxRetries: 0 });
  });
  after(() => simulator.stop());

  const override = (patch: object) => ({ headers: { 'X-LLM-Sim': JSON.stringify(patch) } });
  const request = async (path: string, init?: RequestInit) => {
    const answer = await fetch(simulator.url + path, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('answers the official client without streaming, with usage, and echoes the prompt', async () => {
    const answer = await client.chat.completions.create({ model: 'm', messages });
    expect(answer.choices[0]?.message.content).to.equal(
      'You asked: "How do queues stay fair?". Here is a short, calm.',
    );
    expect(answer.choices[0]?.finish_reason).to.equal('stop');
    expect(answer.usage).to.deep.equal({ prompt_tokens: 5, completion_tokens: 12, total_tokens: 17 });
  });

  it('streams the same text token by token, then the finish reason, the usage and [DONE]', async () => {
    const stream = await client.chat.completions.create({
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const texts = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '');
    expect(texts.join('')).to.equal('You asked: "How do queues stay fair?". Here is a short, calm.');
    expect(texts.filter((text) => text !== '')).to.have.length(12);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).to.equal('stop');
    expect(chunks.at(-1)?.usage?.completion_tokens).to.equal(12);
  });

  it('ends a stream with [DONE] and sends no usage that nobody asked for', async () => {
    const answer = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ messages, stream: true }),
    });
    const text = await answer.text();
    expect(answer.headers.get('content-type')).to.equal('text/event-stream');
    expect(text.endsWith('data: [DONE]\n\n')).to.equal(true);
    expect(text).to.not.include('usage');
  });

  it('cuts at max_tokens and says so', async () => {
    const answer = await client.chat.completions.create({ model: 'm', messages, max_tokens: 3 });
    expect(answer.choices[0]?.message.content).to.equal('You asked: "How');
    expect(answer.choices[0]?.finish_reason).to.equal('length');
  });

  it('takes its speed and length from a header for one request only', async () => {
    const once = await client.chat.completions.create({ model: 'm', messages }, override({ tokens: 30 }));
    const next = await client.chat.completions.create({ model: 'm', messages });
    expect([once.usage?.completion_tokens, next.usage?.completion_tokens]).to.deep.equal([30, 12]);
  });

  it('keeps to the set speed', async () => {
    const start = performance.now();
    await client.chat.completions.create(
      { model: 'm', messages },
      override({ first_token_ms: 60, tokens_per_second: 100, tokens: 12 }),
    );
    expect(performance.now() - start).to.be.within(170, 5_000);
    let firstAt = 0;
    const begun = performance.now();
    for await (const chunk of await client.chat.completions.create(
      { model: 'm', messages, stream: true },
      override({ first_token_ms: 60, tokens_per_second: 100 }),
    )) {
      if (firstAt === 0 && chunk.choices[0]?.delta.content) firstAt = performance.now() - begun;
    }
    expect(firstAt).to.be.at.least(55);
    expect(performance.now() - begun).to.be.at.least(firstAt + 100);
  });

  it('is controlled while it runs, and refuses what it does not know', async () => {
    const put = (body: object) => request('/control', { method: 'PUT', body: JSON.stringify(body) });
    expect((await put({ tokens: 4 })).body).to.include({ mode: 'ok', tokens: 4 });
    expect((await client.chat.completions.create({ model: 'm', messages })).usage?.completion_tokens).to.equal(4);
    expect((await put({ tokens: 12 })).body).to.include({ tokens: 12 });
    expect((await put({ mode: 'no such mode' })).status).to.equal(400);
    expect((await put({ token: 1 })).status).to.equal(400);
    expect((await request('/control')).body).to.include({ tokens: 12 });
  });

  it('answers health and models, and errors in the form of the OpenAI API', async () => {
    expect((await request('/health')).body).to.deep.equal({ status: 'ok' });
    expect((await client.models.list()).data.map((model) => model.id)).to.deep.equal(['sim-1']);
    expect((await request('/nowhere')).status).to.equal(404);
    const failure = await client.chat.completions.create({ model: 'm', messages: [] }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(OpenAI.BadRequestError);
    expect(String(failure)).to.include('messages');
  });

  it('notices a client that leaves in mid-stream', async () => {
    const before = simulator.stats.aborted;
    const stream = await client.chat.completions.create(
      { model: 'm', messages, stream: true },
      override({ tokens_per_second: 1 }),
    );
    for await (const _chunk of stream) break;
    while (simulator.stats.aborted === before) await new Promise((resolve) => setImmediate(resolve));
    expect(simulator.stats.active).to.equal(0);
  });
});
