import type { LookupAddress } from 'node:dns';
import { expect } from 'chai';
import type { WebhookConfig } from '../../../shared/workflow/definition.ts';
import { until } from '../../../tests/support/until.ts';
import { type Answer, type ScriptedServer, scriptedServer } from '../../../tests/support/worker/scripted-server.ts';
import { stepContext } from '../../../tests/support/worker/step-context.ts';
import { HostRules } from '../webhook/host-rules.ts';
import { StepFailure } from './step-failure.ts';
import { WebhookExecutor } from './webhook.ts';

async function failure(promise: Promise<unknown>): Promise<StepFailure> {
  const error = await promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(StepFailure);
  return error as StepFailure;
}

describe('webhook step', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await scriptedServer();
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.splice(0);
    server.script(json({ ok: true }));
  });

  const step = (config: Partial<WebhookConfig> = {}) => ({
    name: 'call',
    type: 'webhook' as const,
    config: { url: `${server.url}/hook`, ...config },
  });
  const webhook = (hosts: string[] = ['127.0.0.1!'], resolve?: (host: string) => Promise<LookupAddress[]>) =>
    new WebhookExecutor({
      hosts: new HostRules(hosts),
      random: () => 0,
      ...(resolve === undefined ? {} : { resolve }),
    });
  const json =
    (body: unknown, status = 200): Answer =>
    (response) =>
      response
        .writeHead(status, {
          'Content-Type': 'application/json; charset=utf-8',
          'Set-Cookie': 'secret=1',
          ETag: '"v1"',
        })
        .end(JSON.stringify(body));
  const text =
    (body: string, status = 200, headers: Record<string, string> = { 'Content-Type': 'text/plain' }): Answer =>
    (response) =>
      response.writeHead(status, headers).end(body);
  const resolvesTo =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  it('sends the filled-in request and gives status, some headers and the parsed body', async () => {
    const context = stepContext({ scope: { payload: { id: 'a/1', list: [1, 2] }, outputs: { before: 'earlier' } } });
    const config = {
      url: `${server.url}/users/{{payload.id}}?from={{steps.before.output}}`,
      headers: { Authorization: 'Bearer {{steps.before.output}}' },
      body: { list: '{{payload.list}}', note: 'after {{steps.before.output}}' },
    };
    const result = await webhook().execute(step(config), context);
    expect(result.output).to.deep.equal({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', etag: '"v1"' },
      body: { ok: true },
    });
    const [seen] = server.seen;
    expect(seen).to.include({ method: 'POST', url: '/users/a%2F1?from=earlier' });
    expect(JSON.parse(seen?.body ?? '')).to.deep.equal({ list: [1, 2], note: 'after earlier' });
    expect(seen?.headers).to.include({
      authorization: 'Bearer earlier',
      'content-type': 'application/json',
      'idempotency-key': `${context.runId}:call`,
      'x-correlation-id': 'correlation-1',
    });
  });

  it('keeps text as text, nothing as null, and JSON that nests too deep as text', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    server.script(
      text('plain'),
      (response) => response.writeHead(204).end(),
      text(deep, 200, { 'Content-Type': 'application/json' }),
      text('{oops', 200, { 'Content-Type': 'application/json' }),
    );
    const bodies = [];
    for (let i = 0; i < 4; i++)
      bodies.push(((await webhook().execute(step(), stepContext())).output as { body: unknown }).body);
    expect(bodies).to.deep.equal(['plain', null, deep, '{oops']);
  });

  describe('refuses, before anything is sent,', () => {
    const cases: Record<string, [WebhookExecutor, () => Partial<WebhookConfig>]> = {
      'a host that is not on the list': [webhook([]), () => ({})],
      'a private address of a listed host': [webhook(['127.0.0.1']), () => ({})],
      'a listed name that resolves to a private address': [
        webhook(['api.test'], resolvesTo('10.0.0.1')),
        () => ({ url: `http://api.test:${server.port}/` }),
      ],
      'a listed name with one private address among public ones': [
        webhook(['api.test'], resolvesTo('8.8.8.8', '::1')),
        () => ({ url: 'http://api.test/' }),
      ],
      'a mapped private address': [
        webhook(['api.test!'], resolvesTo('::ffff:127.0.0.1')),
        () => ({ url: `http://api.test:${server.port}/` }),
      ],
      'the metadata address even of a trusted host': [
        webhook(['meta.test!'], resolvesTo('169.254.169.254')),
        () => ({ url: 'http://meta.test/' }),
      ],
      'localhost under the name of nobody': [webhook(['*.test']), () => ({ url: `http://localhost:${server.port}/` })],
      'a host from a template': [webhook(), () => ({ url: 'http://{{payload.host}}/' })],
      'a header of the connection': [webhook(), () => ({ headers: { Host: 'other.test' } })],
      'a header value with a line break from a template': [
        webhook(),
        () => ({ headers: { 'X-A': '{{payload.crlf}}' } }),
      ],
    };
    for (const [what, [executor, config]] of Object.entries(cases)) {
      it(what, async () => {
        const context = stepContext({
          scope: { payload: { host: `127.0.0.1:${server.port}`, crlf: 'a\r\nHost: b' }, outputs: {} },
        });
        expect(await failure(executor.execute(step(config()), context))).to.include({ code: 'webhook_refused' });
        expect(server.seen).to.have.length(0);
      });
    }
  });

  it('asks the name server once and connects to the address it has checked', async () => {
    let asked = 0;
    const rebinding = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    server.script(json({}, 503), json({ ok: true }));
    const result = await webhook(['name.test!'], rebinding).execute(
      step({ url: `http://name.test:${server.port}/x` }),
      stepContext(),
    );
    expect(result.output).to.include({ status: 200 });
    expect(asked).to.equal(1);
    expect(server.seen.map((seen) => seen.headers.host)).to.deep.equal(Array(2).fill(`name.test:${server.port}`));
  });

  it('does not follow redirects', async () => {
    server.script((response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end());
    const error = await failure(webhook().execute(step(), stepContext()));
    expect(error.reason).to.equal('The host answered with a redirect (status 302), and redirects are not followed.');
    expect(server.seen).to.have.length(1);
  });

  it('fails at once on 4xx with the status', async () => {
    server.script(json({}, 404));
    expect(await failure(webhook().execute(step(), stepContext()))).to.include({
      code: 'webhook_answer',
      reason: 'The host answered with status 404.',
    });
    expect(server.seen).to.have.length(1);
  });

  it('repeats 5xx and broken connections twice, each time with the same idempotency key', async () => {
    server.script(json({}, 503), (response) => response.destroy(), json({ ok: true }));
    expect((await webhook().execute(step(), stepContext())).output).to.include({ status: 200 });
    expect(new Set(server.seen.map((seen) => seen.headers['idempotency-key'])).size).to.equal(1);
    server.seen.splice(0);
    server.script(json({}, 500));
    expect(await failure(webhook().execute(step(), stepContext()))).to.include({
      reason: 'The host answered with status 500.',
    });
    expect(server.seen).to.have.length(3);
  });

  it('says that nobody listens', async () => {
    const closed = await scriptedServer();
    await closed.close();
    expect(await failure(webhook().execute(step({ url: closed.url }), stepContext()))).to.include({
      code: 'webhook_unreachable',
    });
  });

  it('says that a name is unknown', async () => {
    const unknown = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const error = await failure(
      webhook(['nowhere.test'], unknown).execute(step({ url: 'http://nowhere.test/' }), stepContext()),
    );
    expect(error).to.include({ code: 'webhook_unreachable', reason: 'The host "nowhere.test" was not found.' });
  });

  it('reads no more than 64 KiB of an endless answer and closes the connection', async () => {
    let written = 0;
    server.script((response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      const more = () => {
        written += 16_384;
        if (!response.destroyed) response.write('x'.repeat(16_384), () => setImmediate(more));
      };
      more();
    });
    const aborted = server.aborted;
    expect(await failure(webhook().execute(step(), stepContext()))).to.include({
      code: 'webhook_answer',
      reason: 'The answer is larger than 64 KiB.',
    });
    await until(() => server.aborted > aborted, { timeoutMs: 5_000, what: 'the closed connection' });
    expect(written).to.be.below(32 * 1_024 * 1_024);
  });

  it('gives up when its time is over, also on a name server that does not answer', async () => {
    server.script(() => undefined);
    const aborted = server.aborted;
    expect(await failure(webhook().execute(step({ timeout_seconds: 0.5 }), stepContext()))).to.include({
      code: 'webhook_timeout',
    });
    await until(() => server.aborted > aborted, { timeoutMs: 5_000, what: 'the closed connection' });
    const silent = webhook(['api.test'], () => new Promise(() => undefined));
    expect(
      await failure(silent.execute(step({ url: 'http://api.test/', timeout_seconds: 0.05 }), stepContext())),
    ).to.include({ code: 'webhook_timeout' });
  });

  it('takes the answer that came while this process stood still instead of blaming the host', async () => {
    let answer: () => void = () => undefined;
    server.script((response) => {
      answer = () => void response.writeHead(200).end('late');
    });
    const called = webhook().execute(step({ timeout_seconds: 2 }), stepContext());
    await until(() => server.seen.length === 1, { timeoutMs: 1_900, what: 'the request' });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
    answer();
    expect((await called).output).to.deep.include({ status: 200 });
  });

  it('closes the connection at once when the run is aborted', async () => {
    server.script((response) => response.writeHead(200).write('begun'));
    const run = new AbortController();
    const ended = webhook()
      .execute(step(), stepContext({ signal: run.signal }))
      .catch((error: unknown) => error);
    await until(() => server.seen.length === 1, { timeoutMs: 5_000, what: 'the request' });
    const aborted = server.aborted;
    const reason = new Error('cancelled');
    run.abort(reason);
    expect(await ended).to.equal(reason);
    await until(() => server.aborted > aborted, { timeoutMs: 5_000, what: 'the closed connection' });
  });
});
