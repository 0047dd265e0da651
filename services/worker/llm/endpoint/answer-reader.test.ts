import { expect } from 'chai';
import { ask, chunk, failure, open, provider, stream } from '../../../../tests/support/worker/model-endpoint.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../../tests/support/worker/scripted-server.ts';
import type { ModelFailureKind } from '../model-failure.ts';

describe('what passes for an answer', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());
  beforeEach(() => server.seen.splice(0));

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
});
