import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';
import { endWithProblem } from './raw-problem.ts';

/** Errors of Node's parser that have an answer of their own. */
const CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Answers what the HTTP parser refused before there was a request: also a problem document. A connection that is simply gone gets nothing. Answers the code sent; null: none was.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): ErrorCode | null {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return null;
  }
  const problem = toProblem(new WeirError(CODES[error.code ?? ''] ?? 'bad_request'), randomUUID());
  endWithProblem(socket, problem);
  // The parser would go on reading, and in a process that stood still the rest of the request is there already: done all the same, it
  // would be a refusal of what happens. Should the end of the connection overtake the answer, its sender knows that it knows nothing.
  if (problem.code === 'request_timeout') socket.destroy();
  return problem.code;
}
