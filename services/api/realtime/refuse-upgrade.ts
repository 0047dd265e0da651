import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE, toProblem } from '../../../shared/errors/problem.ts';
import type { WeirError } from '../../../shared/errors/weir-error.ts';

/** Answers an upgrade request with a real HTTP response and a problem document, and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  error: WeirError,
  context: { correlationId: string; replica: string },
): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(toProblem(error, context.correlationId, '/ws'));
  const headers = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Correlation-Id: ${context.correlationId}`,
    `X-Replica: ${context.replica}`,
    ...(error.status === 401 ? ['WWW-Authenticate: Bearer realm="weir"'] : []),
    ...(error.retryAfterSeconds === undefined
      ? []
      : [`Retry-After: ${Math.max(1, Math.ceil(error.retryAfterSeconds))}`]),
  ];
  // Not half-open: a peer that never closes its side must not keep the descriptor.
  socket.once('finish', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
