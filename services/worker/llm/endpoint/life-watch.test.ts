import { expect } from 'chai';
import { until } from '../../../../tests/support/until.ts';
import { ask, chunk, failure, open, provider } from '../../../../tests/support/worker/model-endpoint.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../../tests/support/worker/scripted-server.ts';

describe('signs of life of a model call', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());
  beforeEach(() => server.seen.splice(0));

  const closed = (aborted: number) =>
    until(() => server.aborted === aborted + 1, { timeoutMs: 5_000, what: 'the closed socket' });

  it('does not wait long for a usage that never comes, and closes the socket', async () => {
    server.script((response) => open(response).write(chunk({ content: 'done' }, 'stop')));
    const aborted = server.aborted;
    expect((await ask(provider(server.url, { stallMs: 60_000 })).ended).text).to.equal('done');
    await closed(aborted);
  }).timeout(5_000);

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
      const slow = ask(provider(server.url, { firstContentMs: 400 }));
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
      expect((await failure(ask(provider(server.url, { firstContentMs: 400 })).failed)).kind).to.equal('slow');
      await closed(aborted + nth);
    }
  });

  for (const field of ['reasoning_content', 'reasoning', 'refusal']) {
    it(`counts ${field} as life, before the first word and between words`, async () => {
      server.script((response) => {
        open(response);
        let left = 8;
        const timer = setInterval(() => {
          left -= 1;
          response.write(chunk(left > 0 ? { [field]: 'hm' } : { content: 'so' }, left > 0 ? null : 'stop'));
          if (left === 0) response.end();
        }, 50);
        response.on('close', () => clearInterval(timer));
      });
      const { call, ended } = ask(provider(server.url, { firstContentMs: 250, stallMs: 250 }));
      expect((await ended).text).to.match(/so$/);
      expect(call.alive).to.equal(1);
    });
  }

  it('does not take it for silence when this process stood still', async () => {
    let answer: () => void = () => undefined;
    server.script((response) => {
      answer = () => open(response).end(chunk({ content: 'here' }, 'stop'));
    });
    const { ended } = ask(provider(server.url, { firstContentMs: 1_000 }));
    await until(() => server.seen.length === 1, { timeoutMs: 900, what: 'the request' });
    const woken = performance.now() + 2_000;
    while (performance.now() < woken);
    answer();
    expect((await ended).text).to.equal('here');
  });
});
