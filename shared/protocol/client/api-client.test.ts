import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { ApiClient } from './api-client.ts';
import { ApiProblem } from './api-problem.ts';
import { ApiUnreachable } from './api-unreachable.ts';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}
interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const problem = (status: number, code: string) => ({
  type: `urn:weir:error:${code}`,
  title: code,
  status,
  detail: `${code} happened`,
  code,
  correlation_id: 'c-1',
});

describe('ApiClient', () => {
  let server: Server;
  let baseUrl: string;
  let seen: Seen[];
  /** Answers in order; the last one repeats. `hang`: never answered. */
  let answers: Array<Answer | 'hang'>;

  beforeEach(async () => {
    seen = [];
    answers = [{ status: 200, body: {} }];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const answer = answers[Math.min(seen.length, answers.length) - 1];
      if (answer === undefined || answer === 'hang') return;
      const type = answer.status >= 400 ? 'application/problem+json; charset=utf-8' : 'application/json';
      response.writeHead(answer.status, { 'Content-Type': type, ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const client = (timeoutMs = 5_000) => new ApiClient({ baseUrl, token: () => 'secret', timeoutMs, random: () => 0 });
  const rejection = async (call: Promise<unknown>): Promise<unknown> => {
    try {
      await call;
    } catch (error) {
      return error;
    }
    throw new Error('the call succeeded');
  };

  it('sends method, path, query, token and JSON of every call', async () => {
    const api = client();
    await api.createWorkflow({ name: 'w', steps: [{ name: 's', type: 'delay', config: { duration: 1 } }] });
    await api.trigger({ workflow_id: 'w1' }, { idempotencyKey: 'k' });
    await api.getRun('r/1');
    await api.listRuns({ status: 'queued', limit: 5, cursor: 'a b' });
    await api.cancel('r1');
    await api.retry('r1');
    await api.queue();
    await api.status();
    await api.capacity();
    await api.patchCapacity({ max_users: 30 });
    await api.ticket();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
      'POST /api/v1/workflows',
      'POST /api/v1/trigger',
      'GET /api/v1/runs/r%2F1',
      'GET /api/v1/runs?limit=5&cursor=a+b&status=queued',
      'POST /api/v1/runs/r1/cancel',
      'POST /api/v1/runs/r1/retry',
      'GET /api/v1/queue',
      'GET /api/v1/system/status',
      'GET /api/v1/admin/capacity',
      'PATCH /api/v1/admin/capacity',
      'POST /api/v1/ws-ticket',
    ]);
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer secret')).to.equal(true);
    expect(seen[1]?.headers['idempotency-key']).to.equal('k');
    expect(JSON.parse(seen[9]?.body ?? '')).to.deep.equal({ max_users: 30 });
  });

  it('rejects with the problem document of the server', async () => {
    const errors = [{ path: 'name', message: 'too short' }];
    answers = [{ status: 400, body: { ...problem(400, 'validation_failed'), errors } }];
    const error = (await rejection(client().getRun('x'))) as ApiProblem;
    expect(error).to.be.instanceOf(ApiProblem);
    expect([error.status, error.code, error.message]).to.deep.equal([
      400,
      'validation_failed',
      'validation_failed happened',
    ]);
    expect(error.problem.errors).to.deep.equal(errors);
  });

  it('makes a problem of an answer that is none, such as the HTML of a proxy', async () => {
    answers = [{ status: 502, body: '<html>', headers: { 'Content-Type': 'text/html' } }];
    const error = (await rejection(client().status())) as ApiProblem;
    expect([error.status, error.code, error.problem.title]).to.deep.equal([502, 'internal', 'Bad Gateway']);
  });

  it('repeats a safe request after Retry-After on 503 and 429, with the same idempotency key', async () => {
    const busy = { status: 503, body: problem(503, 'queue_full'), headers: { 'Retry-After': '0' } };
    answers = [busy, { ...busy, status: 429 }, { status: 202, body: { run_id: 'r' } }];
    expect(await client().trigger({ workflow_id: 'w' })).to.deep.equal({ run_id: 'r' });
    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).to.have.length(3);
    expect(new Set(keys).size).to.equal(1);
  });

  it('gives up after three tries, and at once when the wait is long or not told', async () => {
    const busy = (headers: Record<string, string>) => ({ status: 503, body: problem(503, 'queue_full'), headers });
    for (const [headers, tries] of [
      [{ 'Retry-After': '0' }, 3],
      [{ 'Retry-After': '240' }, 1],
      [{}, 1],
    ] as const) {
      seen = [];
      answers = [busy(headers)];
      expect(((await rejection(client().queue())) as ApiProblem).code).to.equal('queue_full');
      expect(seen).to.have.length(tries);
    }
  });

  it('never repeats what is not safe to repeat', async () => {
    answers = [{ status: 503, body: problem(503, 'storage_unavailable'), headers: { 'Retry-After': '0' } }];
    const api = client();
    await rejection(api.cancel('r'));
    await rejection(api.patchCapacity({ max_users: 1 }));
    await rejection(api.createWorkflow({ name: 'w', steps: [] }));
    expect(seen).to.have.length(3);
  });

  it('says unreachable when there is no answer in time, and repeats only safe requests then', async () => {
    answers = ['hang'];
    expect(await rejection(client(30).cancel('r'))).to.be.instanceOf(ApiUnreachable);
    expect(seen).to.have.length(1);
    answers = ['hang', 'hang', { status: 200, body: { length: 0, items: [] } }];
    expect(await client(100).queue()).to.deep.equal({ length: 0, items: [] });
  });

  it("ends with the caller's own reason when the caller aborts, in the request and in a wait between two", async () => {
    const reason = new Error('changed my mind');
    answers = ['hang'];
    const inRequest = new AbortController();
    const first = rejection(client().queue({ signal: inRequest.signal }));
    setImmediate(() => inRequest.abort(reason));
    expect(await first).to.equal(reason);

    answers = [{ status: 503, body: problem(503, 'queue_full'), headers: { 'Retry-After': '9' } }];
    seen = [];
    const inWait = new AbortController();
    const second = rejection(client().queue({ signal: inWait.signal }));
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    inWait.abort(reason);
    expect(await second).to.equal(reason);
  });
});
