import { ERROR_CATALOGUE, type ErrorCode } from '../../../shared/errors/catalogue.ts';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from '../../../shared/errors/problem.ts';
import type { OwnAnswer } from '../../support/nginx/problem-of.ts';
import type { Operation } from './operations.ts';

/** What the door itself may say to any request, before it is known what it asks for. */
const OF_THE_DOOR: ReadonlySet<ErrorCode> = new Set([
  'bad_request',
  'not_found',
  'method_not_allowed',
  'headers_too_large',
  'body_too_large',
  'request_timeout',
  'too_many_requests',
]);

/** Texts from inside: a stack, a path of the machine, a statement, the name of a library. */
const INSIDE = /\\n +at |node_modules|\/services\/|INSERT INTO|SELECT .+ FROM|ECONNREFUSED|ZodError|WRONGTYPE/;

/** What is wrong with an answer, in words; none: it is as every answer has to be. `operation` null: nothing of the API was asked for. */
export function faultsOf(answer: OwnAnswer, method: string, operation: Operation | null): string[] {
  const { status, headers } = answer;
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || faults.push(what));
  must(headers.get('x-injected') === null, 'a header that the request brought in');
  must(headers.get('x-content-type-options') === 'nosniff', 'no X-Content-Type-Options');
  must((headers.get('x-correlation-id') ?? '') !== '', 'no X-Correlation-Id');
  must(headers.get('x-powered-by') === null, 'X-Powered-By');
  if (status < 400) {
    const known = operation === null || operation.statuses.has(status) || (method === 'OPTIONS' && status === 204);
    must(known || (status >= 300 && status < 400), `status ${status}, which is not documented`);
    return faults;
  }
  const isProblem = headers.get('content-type') === PROBLEM_MEDIA_TYPE;
  const isDocumented = operation?.statuses.has(status) ?? false;
  if (!isProblem && isDocumented) return faults;
  must(isProblem, `an error of type ${headers.get('content-type')}`);
  must(status < 500 || status === 503, `status ${status}`);
  if (isProblem && method !== 'HEAD') faults.push(...problemFaults(answer, operation));
  return faults;
}

function problemFaults({ status, headers, body }: OwnAnswer, operation: Operation | null): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, what: string) => void (holds || faults.push(what));
  const problem = parsed(body);
  if (problem === null) return [`no JSON: ${body.slice(0, 100)}`];
  const entry = Object.hasOwn(ERROR_CATALOGUE, problem.code) ? ERROR_CATALOGUE[problem.code] : undefined;
  if (entry === undefined) return [`code ${problem.code}, which is not in the catalogue`];
  must(entry.status === status && problem.status === status, `${problem.code} with status ${status}`);
  must(entry.title === problem.title && problem.detail !== '', 'a title that is not the catalogue’s');
  must(problem.correlation_id === headers.get('x-correlation-id'), 'two correlation ids');
  must(!INSIDE.test(JSON.stringify({ ...problem, instance: '' })), `something from inside: ${body}`);
  must(status !== 401 || headers.get('www-authenticate') !== null, '401 without WWW-Authenticate');
  must((status !== 429 && status !== 503) || Number(headers.get('retry-after')) >= 1, `${status} without Retry-After`);
  must(problem.code !== 'validation_failed' || (problem.errors?.length ?? 0) > 0, 'validation_failed without fields');
  const documented = operation === null || operation.problems.get(status)?.has(problem.code);
  must(documented || OF_THE_DOOR.has(problem.code), `${problem.code}, which the route does not document`);
  return faults;
}

function parsed(body: string): ProblemDocument | null {
  try {
    return JSON.parse(body) as ProblemDocument;
  } catch {
    return null;
  }
}
