import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { until } from '../../../tests/support/until.ts';
import { createSimulator } from '../simulator.ts';
import { MODES, type ModeName } from './modes.ts';

const TOKENS = 60;

/** What a client without an SDK sees of one answer. */
interface Seen {
  status: number | null;
  headers: Headers | null;
  text: string;
  /** The connection broke before the end. */
  broken: boolean;
}

describe('faults of the simulator, as a plain client sees them', () => {
  const simulator = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: TOKENS, keep_alive_ms: 10 });
  before(() => simulator.start());
  after(() => simulator.stop());

  const set = (mode: ModeName, patch: object = {}) => simulator.provider('p').control({ mode, ...patch });
  const ask = async (body: object = {}, timeoutMs = 5_000): Promise<Seen> => {
    const seen: Seen = { status: null, headers: null, text: '', broken: false };
    try {
      const answer = await fetch(`${simulator.url}/p/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, ...body }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      Object.assign(seen, { status: answer.status, headers: answer.headers });
      for await (const part of answer.body ?? []) seen.text += Buffer.from(part).toString();
    } catch {
      seen.broken = true;
    }
    return seen;
  };
  const tokensOf = ({ text }: Seen) => [...text.matchAll(/"delta":\{"content":"[^"]+/g)].length;

  it('are all in the table of the README, and nothing else is', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, about]) => [name, about]);
    expect(rows).to.deep.equal(Object.entries(MODES).map(([name, { about }]) => [name, about]));
  });

  const refusals: Array<[ModeName, number, string]> = [
    ['rate_limited', 429, 'rate_limit_exceeded'],
    ['unavailable', 503, 'server_error'],
    ['unavailable_billed', 503, '"completion_tokens":1000'],
    ['context_length', 400, 'context_length_exceeded'],
    ['content_filter', 400, 'content_filter'],
    ['unauthorized', 401, 'invalid_api_key'],
  ];
  for (const [mode, status, words] of refusals) {
    it(`${mode}: every answer is a ${status}`, async () => {
      set(mode);
      for (const _call of [1, 2]) {
        const seen = await ask();
        expect(seen).to.include({ status, broken: false });
        expect(seen.text).to.include(words);
        expect(seen.headers?.get('retry-after')).to.equal(null);
      }
    });
  }

  for (const [mode, status] of [
    ['rate_limited_once', 429],
    ['error_once', 500],
  ] as const) {
    it(`${mode}: one ${status}, then healthy, each time the mode is set`, async () => {
      for (const _round of [1, 2]) {
        set(mode);
        const first = await ask();
        expect(first.status).to.equal(status);
        expect(first.headers?.get('retry-after')).to.equal(status === 429 ? '1' : null);
        expect(tokensOf(await ask())).to.equal(TOKENS);
      }
    });
  }

  const broken: Array<[ModeName, number, boolean]> = [
    ['cut', 40, true],
    ['unfinished', 60, false],
    ['unfinished_done', 40, false],
    ['stream_error', 20, false],
    ['filtered_midway', 20, false],
  ];
  for (const [mode, tokens, breaks] of broken) {
    it(`${mode}: ${tokens} tokens and no proper end`, async () => {
      set(mode);
      const seen = await ask();
      expect(tokensOf(seen)).to.equal(tokens);
      expect(seen.broken).to.equal(breaks);
      expect(seen.text).to.not.include('"finish_reason":"stop"');
      expect(seen.text.includes('[DONE]')).to.equal(mode === 'unfinished_done' || mode === 'filtered_midway');
    });
  }

  it('malformed: something in the middle is no JSON, and the rest follows', async () => {
    set('malformed');
    const { text } = await ask();
    const lines = text.split('\n').filter((line) => line.startsWith('data: {'));
    const invalid = lines.filter((line) => {
      try {
        return JSON.parse(line.slice(6)) === undefined;
      } catch {
        return true;
      }
    });
    expect(invalid).to.have.length(1);
    expect(text).to.include('[DONE]');
  });

  it('reset and silent: no header ever', async () => {
    set('reset');
    expect(await ask()).to.include({ status: null, broken: true });
    set('silent');
    expect(await ask({}, 100)).to.include({ status: null, broken: true });
    await until(() => simulator.provider('p').stats.active === 0, { timeoutMs: 5_000, what: 'the end of the call' });
  });

  it('stalled: keep-alives in the middle, then the whole answer; stalled_before: keep-alives first', async () => {
    set('stalled', { stall_ms: 60 });
    const middle = await ask();
    expect(tokensOf(middle)).to.equal(TOKENS);
    expect(middle.text.indexOf(': keep-alive')).to.be.greaterThan(middle.text.indexOf('"delta":{"content":"'));
    set('stalled_before', { stall_ms: 60 });
    const before = await ask();
    expect(before.text.startsWith(': keep-alive')).to.equal(true);
    expect(tokensOf(before)).to.equal(TOKENS);
  });

  it('slow: nothing for slow_ms, then the answer', async () => {
    set('slow', { slow_ms: 80 });
    const begun = performance.now();
    expect(tokensOf(await ask())).to.equal(TOKENS);
    expect(performance.now() - begun).to.be.at.least(75);
  });

  it('outage: 503 until its time is over', async () => {
    set('outage', { outage_ms: 200 });
    expect((await ask()).status).to.equal(503);
    await until(async () => (await ask()).status === 200, { timeoutMs: 5_000, what: 'the end of the outage' });
  });

  it('no_prefill: refuses to go on where an assistant stopped; context_length: larger models read all', async () => {
    set('no_prefill');
    expect((await ask()).status).to.equal(200);
    expect((await ask({ messages: [{ role: 'assistant', content: 'Once' }] })).status).to.equal(400);
    set('context_length');
    expect((await ask({ model: 'm-large' })).status).to.equal(200);
  });

  it('break an answer in one piece too: stalled_before holds it back, cut ends the connection', async () => {
    set('stalled_before', { stall_ms: 80 });
    const begun = performance.now();
    expect((await ask({ stream: false })).status).to.equal(200);
    expect(performance.now() - begun).to.be.at.least(75);
    set('cut');
    expect(await ask({ stream: false })).to.include({ status: null, broken: true });
  });

  it('outage: counts from when it was set, also for a provider that nobody had asked yet', async () => {
    const other = createSimulator({ first_token_ms: 0, tokens_per_second: 0, tokens: 1 });
    await other.start();
    try {
      other.control({ mode: 'outage', outage_ms: 40 });
      const end = performance.now() + 45;
      await until(() => performance.now() > end, { timeoutMs: 5_000, what: 'the end of the outage' });
      const answer = await fetch(`${other.url}/late/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }),
      });
      expect(answer.status).to.equal(200);
      await answer.text();
    } finally {
      await other.stop();
    }
  });

  it('of one provider are not those of another; what is said to all reaches all', async () => {
    set('unavailable');
    const other = () =>
      fetch(`${simulator.url}/q/openai/deployments/gpt/chat/completions?api-version=1`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }),
      });
    const answer = await other();
    expect([answer.status, ((await answer.json()) as { model: string }).model]).to.deep.equal([200, 'gpt']);
    expect(simulator.provider('q').stats).to.include({ requests: 1, completed: 1, active: 0 });
    simulator.control({ mode: 'unauthorized' });
    expect([(await ask()).status, (await other()).status]).to.deep.equal([401, 401]);
  });
});
