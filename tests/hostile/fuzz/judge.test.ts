import { expect } from 'chai';
import { toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { faultsOf } from './judge.ts';
import { readOperations } from './operations.ts';

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Correlation-Id': 'c',
  'Content-Type': 'application/problem+json',
};

describe('the judge of answers to hostile requests', () => {
  const { operations } = readOperations();
  const trigger = operations.find(({ path }) => path === '/api/v1/trigger') ?? null;
  const judge = (body: unknown, status: number, headers: Record<string, string> = {}) =>
    faultsOf({ status, headers: new Headers({ ...HEADERS, ...headers }), body: JSON.stringify(body) }, 'POST', trigger);

  it('finds nothing wrong with what the API documents', () => {
    const full = new WeirError('queue_full', { retryAfterSeconds: 3 });
    expect(judge(toProblem(new WeirError('workflow_not_found'), 'c'), 404)).to.deep.equal([]);
    expect(judge(toProblem(full, 'c'), 503, { 'Retry-After': '3' })).to.deep.equal([]);
    expect(judge({ run_id: 'x' }, 202, { 'Content-Type': 'application/json' })).to.deep.equal([]);
  });

  it('sees what must not be', () => {
    const problem = toProblem(new WeirError('workflow_not_found'), 'c');
    const internal = toProblem(new WeirError('internal'), 'c');
    const chatty = { ...problem, detail: 'error: INSERT INTO runs (id)' };
    expect(judge(internal, 500)).to.deep.equal(['status 500']);
    expect(judge(problem, 400)).to.deep.equal([
      'workflow_not_found with status 400',
      'workflow_not_found, which the route does not document',
    ]);
    expect(judge({ ...problem, code: 'toString' }, 404)[0]).to.contain('not in the catalogue');
    expect(judge(chatty, 404)[0]).to.contain('something from inside');
    expect(judge(toProblem(new WeirError('queue_full'), 'c'), 503)).to.deep.equal(['503 without Retry-After']);
    expect(judge(toProblem(new WeirError('run_not_retryable'), 'c'), 409)[0]).to.contain('does not document');
    expect(judge({}, 200)).to.deep.equal(['status 200, which is not documented']);
    expect(judge('<html>', 404, { 'Content-Type': 'text/html' })).to.deep.equal(['an error of type text/html']);
    expect(judge(problem, 404, { 'X-Injected': '1' })).to.deep.equal(['a header that the request brought in']);
  });
});
