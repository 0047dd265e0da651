import { expect } from 'chai';
import { until } from '../../tests/support/until.ts';
import { createSimulator } from './simulator.ts';

describe('provider of the simulator', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 6 });
  before(() => simulator.start());
  after(() => simulator.stop());

  const provider = simulator.provider('p');
  const idle = () => until(() => provider.stats.active === 0, { timeoutMs: 5_000, what: 'the end of the calls' });
  const ask = async (model: string, signal?: AbortSignal) => {
    const answer = await fetch(`${simulator.url}/p/v1/chat/completions`, {
      method: 'POST',
      headers: { 'X-Correlation-Id': `of-${model}` },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], stream: true }),
      signal: signal ?? AbortSignal.timeout(5_000),
    });
    await answer.text();
  };

  for (const mode of ['silent', 'slow', 'stalled', 'stalled_before'] as const) {
    it(`ends its pause when the client leaves: ${mode}`, async () => {
      provider.control({ mode, slow_ms: 600_000, stall_ms: 600_000, keep_alive_ms: 600_000 });
      const { aborted } = provider.stats;
      // A closed socket says nothing about the pause behind it: that is over when the answer's promise is.
      let answered = false;
      const { complete } = provider;
      provider.complete = async (...asked) => {
        await complete.apply(provider, asked);
        answered = true;
      };
      const client = new AbortController();
      const left = ask('m', client.signal).catch((error: unknown) => error);
      await until(() => provider.stats.active === 1, { timeoutMs: 5_000, what: 'the call' });
      expect(provider.seen.at(-1)?.outcome).to.equal(null);
      client.abort();
      expect(await left).to.be.instanceOf(Error);
      await idle();
      provider.complete = complete;
      await until(() => answered, { timeoutMs: 5_000, what: 'the end of the pause' });
      expect(provider.stats.aborted).to.equal(aborted + 1);
      expect(provider.seen.at(-1)).to.include({ mode, outcome: 'aborted' });
    });
  }

  it('tells what it was asked, by whom and how it ended', async () => {
    provider.control({ mode: 'ok' });
    await ask('told');
    await idle();
    const { seen } = (await (await fetch(`${simulator.url}/p/control`)).json()) as { seen: object[] };
    expect(seen.at(-1)).to.deep.include({
      model: 'told',
      roles: ['user'],
      mode: 'ok',
      outcome: 'completed',
      correlation_id: 'of-told',
    });
  });

  it('counts its peak anew when the mode is set', async () => {
    provider.control({ mode: 'silent' });
    const clients = new AbortController();
    const calls = ['a', 'b', 'c'].map((model) => ask(model, clients.signal).catch(() => undefined));
    await until(() => provider.stats.most_active === 3, { timeoutMs: 5_000, what: 'three calls at once' });
    clients.abort();
    await Promise.all(calls);
    await idle();
    provider.control({ tokens: 6 });
    expect(provider.stats.most_active).to.equal(3);
    provider.control({ mode: 'ok' });
    await ask('m');
    expect(provider.stats.most_active).to.equal(1);
  });
});
