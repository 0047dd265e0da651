import { expect } from 'chai';
import { ask, failure, provider } from '../../../../tests/support/worker/model-endpoint.ts';
import { type ScriptedServer, scriptedServer } from '../../../../tests/support/worker/scripted-server.ts';
import type { ModelFailure, ModelFailureKind } from '../model-failure.ts';

interface Refusal {
  status: number;
  error?: object;
  /** Sent as it is instead of `{error}`. */
  body?: unknown;
  headers?: Record<string, string>;
}

describe('classes of refusals', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());

  async function refused({ status, error, body, headers }: Refusal): Promise<ModelFailure> {
    server.script((response) =>
      response
        .writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(body ?? { error: { message: 'no', ...error } })),
    );
    return failure(ask(provider(server.url)).failed);
  }

  const classes: [string, Refusal, ModelFailureKind][] = [
    ['429 with a short wait', { status: 429, headers: { 'retry-after': '10' } }, 'throttled'],
    ['429 with a wait of nothing', { status: 429, headers: { 'retry-after': '0' } }, 'throttled'],
    ['429 with a long wait', { status: 429, headers: { 'retry-after': '11' } }, 'rate_limited'],
    ['429 without a wait', { status: 429 }, 'rate_limited'],
    ['429 with a wait nobody can mean', { status: 429, headers: { 'retry-after': '-5' } }, 'rate_limited'],
    [
      'a spent budget with a short wait',
      { status: 429, error: { code: 'insufficient_quota' }, headers: { 'retry-after': '1' } },
      'unauthorized',
    ],
    ['an unpaid account', { status: 400, error: { type: 'billing_error' } }, 'unauthorized'],
    ['402', { status: 402 }, 'unauthorized'],
    ['401', { status: 401 }, 'unauthorized'],
    ['403', { status: 403 }, 'unauthorized'],
    ['403 for a model the step names', { status: 403, error: { code: 'model_not_found' } }, 'rejected'],
    ['403 for flagged content', { status: 403, error: { metadata: { flagged_input: 'x' } } }, 'content_filtered'],
    ['408', { status: 408 }, 'server_error'],
    ['409', { status: 409 }, 'server_error'],
    ['425', { status: 425 }, 'server_error'],
    ['500', { status: 500 }, 'server_error'],
    ['503', { status: 503 }, 'server_error'],
    ['529', { status: 529 }, 'server_error'],
    ['404', { status: 404 }, 'rejected'],
    ['422', { status: 422 }, 'rejected'],
    ['400', { status: 400 }, 'rejected'],
    ['413', { status: 413 }, 'context_too_long'],
    ['a code of the context length', { status: 400, error: { code: 'context_length_exceeded' } }, 'context_too_long'],
    ['a content filter', { status: 400, error: { code: 'content_filter' } }, 'content_filtered'],
    [
      "Azure's inner error",
      { status: 400, error: { code: null, innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'content_filtered',
    ],
    [
      'a list with one error',
      { status: 400, body: [{ error: { code: 'content_filter', message: 'no' } }] },
      'content_filtered',
    ],
    ['no JSON', { status: 502, body: 'Bad gateway' }, 'server_error'],
    ['an error that is a string', { status: 400, body: { error: 'prompt is too long' } }, 'context_too_long'],
  ];
  for (const [what, refusal, kind] of classes)
    it(`${what} is ${kind}`, async () => {
      expect(await refused(refusal)).to.include({ kind, status: refusal.status });
    });

  const tooLong = [
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    'prompt is too long: 210000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    'the request exceeds the available context size, try increasing it',
    'Trying to keep the first 9000 tokens when context the overflows. The context window is too small',
    'Input is too long for requested model.',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
  ];
  for (const message of tooLong)
    it(`sees by its words that a prompt is too long: ${message}`, async () => {
      expect(await refused({ status: 400, error: { message } })).to.include({
        kind: 'context_too_long',
        detail: `400 ${message}`,
      });
    });

  it('keeps the words of a server that does not wrap its error, and shortens them', async () => {
    const message = `maximum context length ${'x'.repeat(1_000)}`;
    const refusal = await refused({
      status: 400,
      body: { object: 'error', message, type: 'BadRequestError', code: 400 },
    });
    expect(refusal.kind).to.equal('context_too_long');
    expect(refusal.detail)
      .to.have.length(300)
      .and.match(/^400 maximum/);
  });

  it('shows nobody what a provider says about our own credentials or about itself', async () => {
    for (const status of [401, 429, 500]) expect((await refused({ status })).detail).to.equal(undefined);
  });

  it('keeps the wait a provider asks for', async () => {
    expect((await refused({ status: 429, headers: { 'retry-after-ms': '80' } })).retryAfterMs).to.equal(80);
    expect((await refused({ status: 429, headers: { 'retry-after': '60' } })).retryAfterMs).to.equal(60_000);
    expect((await refused({ status: 503, headers: { 'retry-after': '2' } })).retryAfterMs).to.equal(2_000);
  });
});
