import { expect } from 'chai';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';

/** An answer of Nginx itself, however it was asked for. */
export interface OwnAnswer {
  status: number;
  headers: Headers;
  body: string;
}

export async function answerOf(response: Response): Promise<OwnAnswer> {
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Holds an answer of Nginx against the one the API would give: status, document, headers. */
export function expectProblem(
  { status, headers, body }: OwnAnswer,
  code: ErrorCode,
  { retryAfterSeconds }: { retryAfterSeconds?: number } = {},
): void {
  const correlationId = headers.get('x-correlation-id') ?? 'none';
  const error = new WeirError(code, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  expect(JSON.parse(body)).to.deep.equal(toProblem(error, correlationId));
  expect(status).to.equal(error.status);
  expect(correlationId).to.match(/^[0-9a-f]{32}$/);
  expect(headers.get('content-type')).to.equal('application/problem+json');
  expect(headers.get('cache-control')).to.equal('no-store');
  expect(headers.get('x-content-type-options')).to.equal('nosniff');
  expect(headers.get('retry-after')).to.equal(retryAfterSeconds === undefined ? null : String(retryAfterSeconds));
  expect(headers.get('server'), 'the version is nobody’s business').to.equal('nginx');
}
