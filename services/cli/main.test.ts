import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { toProblem } from '../../shared/errors/problem.ts';
import { WeirError } from '../../shared/errors/weir-error.ts';
import { sampleRun } from '../../tests/support/sample-run.ts';
import { main } from './main.ts';

const RUN = sampleRun();
const UNKNOWN = '0198c0de-0000-7000-8000-0000000000ff';

describe('weir', () => {
  let server: Server;
  let url: string;
  const seen: string[] = [];

  before(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      const answer = (status: number, body: unknown) => {
        response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
        response.end(JSON.stringify(body));
      };
      const refuse = (error: WeirError) => answer(error.status, toProblem(error, 'correlation-1'));
      if (request.url === `/api/v1/runs/${RUN.id}`) answer(200, RUN);
      else if (request.url?.startsWith('/api/v1/runs?'))
        answer(200, { items: [{ ...RUN, user_id: 'bob', id: UNKNOWN }, RUN], next_cursor: null });
      else if (request.url === '/api/v1/queue') refuse(new WeirError('internal'));
      else refuse(new WeirError('run_not_found'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

  async function weir(argv: string[], environment: NodeJS.ProcessEnv = { WEIR_URL: url, WEIR_TOKEN: 'token' }) {
    const text = { out: '', err: '' };
    const code = await main({
      argv,
      environment: { WEIR_STATE_DIR: join(tmpdir(), 'no-weir-here'), ...environment },
      cwd: tmpdir(),
      stdout: { write: (piece) => (text.out += piece) },
      stderr: { write: (piece) => (text.err += piece) },
      program: 'weir',
      onInterrupt: () => {},
    });
    return { code, ...text };
  }

  it('exits with 0 and shows what was asked for', async () => {
    const { code, out, err } = await weir(['show', RUN.id]);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.match(/^hello {2}✔ succeeded in 3\.2 s\n/);
    expect(seen.at(-1)).to.equal(`GET /api/v1/runs/${RUN.id} Bearer token`);
    expect((await weir(['show', RUN.id.toUpperCase()])).code).to.equal(0);
    expect((await weir([])).out).to.contain('Exit codes');
    expect((await weir(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('exits with 2 for wrong usage, with 3 for a refusal, with 4 for a broken or absent server', async () => {
    const gone = { WEIR_URL: 'http://127.0.0.1:1', WEIR_TOKEN: 'token' };
    expect(await weir(['shwo'])).to.deep.equal({
      code: 2,
      out: '',
      err: '✘ There is no command "shwo"; did you mean "weir show"?\n  weir help lists them all.\n',
    });
    expect(await weir(['show', UNKNOWN])).to.include({ code: 3, out: '' });
    expect(await weir(['queue'])).to.include({ code: 4, out: '' });
    expect((await weir(['status'], gone)).err).to.contain('No answer from http://127.0.0.1:1.');
    expect((await weir(['status'], gone)).code).to.equal(4);
    expect((await weir(['status'], {})).code).to.equal(4);
  });

  it('refuses what it can judge itself before anything is sent', async () => {
    const before = seen.length;
    for (const argv of [
      ['show', 'x'],
      ['run', 'no-such-file.json'],
      ['runs', '--limit', '0'],
      ['capacity', 'set', 'max_users=0'],
    ]) {
      expect((await weir(argv)).code, argv.join(' ')).to.equal(2);
    }
    expect((await weir(['runs'], { WEIR_URL: url })).err).to.contain('WEIR_TOKEN is not set');
    expect(seen.length).to.equal(before);
  });

  it('writes one JSON document and nothing else to standard output with --json, also when it fails', async () => {
    const right = await weir(['show', RUN.id, '--json']);
    expect(JSON.parse(right.out)).to.deep.equal(RUN);
    expect(right.err).to.equal('');
    const refused = await weir(['show', UNKNOWN, '--json']);
    expect(JSON.parse(refused.out)).to.include({ code: 'run_not_found', status: 404, correlation_id: 'correlation-1' });
    expect(refused.err).to.contain('There is no run with this id');
    expect(JSON.parse((await weir(['shwo', '--json'])).out)).to.include({ code: 'usage' });
  });

  it('means by "last" the newest run of the token’s own user, not of everybody whom an administrator sees', async () => {
    const token = ['{}', '{"sub":"ada"}'].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const { code } = await weir(['show', 'last'], { WEIR_URL: url, WEIR_TOKEN: `${token}.x` });
    expect(code).to.equal(0);
    expect(seen.at(-1)).to.contain(`/api/v1/runs/${RUN.id} `);
  });

  it('watches a run that is over already, and says by its exit code how it ended', async () => {
    const { code, out } = await weir(['watch', RUN.id]);
    expect(code).to.equal(0);
    expect(out).to.contain('✔ succeeded in 3.2 s');
    const lines = (await weir(['watch', RUN.id, '--json'])).out.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).to.deep.equal({ type: 'RUN', data: RUN });
  });
});
