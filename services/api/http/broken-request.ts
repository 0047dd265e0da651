import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import { PROBLEM_MEDIA_TYPE, toProblem } from '../../../shared/errors/problem.ts';
import { WeirError } from '../../../shared/errors/weir-error.ts';

/** Errors of Node's parser that have an answer of their own. */
const CODES: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Answers what the HTTP parser refused before there was a request: also a problem document, written by hand, as there is
 * no response object. A connection that is simply gone gets nothing. Answers the code sent; null: none was.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): ErrorCode | null {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return null;
  }
  const problem = toProblem(new WeirError(CODES[error.code ?? ''] ?? 'bad_request'), randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Correlation-Id: ${problem.correlation_id}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  // The parser would go on reading, and in a process that stood still the rest of the request is there already: done all the same, it
  // would be a refusal of what happens. Should the end of the connection overtake the answer, its sender knows that it knows nothing.
  if (problem.code === 'request_timeout') socket.destroy();
  return problem.code;
}
