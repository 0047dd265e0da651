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
 * no response object. A connection that is simply gone gets nothing.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
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
}
