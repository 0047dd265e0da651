import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from '../../../shared/errors/problem.ts';
import { API_POLICY, securityHeaders } from './security-headers.ts';

const POLICY = lines(securityHeaders(API_POLICY));

/**
 * Writes a problem document to a connection that has no response object (the parser refused the request, or it asked for a WebSocket), with
 * the headers of every other answer, and ends the connection. `headers`: as `[name, value, …]`.
 */
export function endWithProblem(socket: Duplex, problem: ProblemDocument, headers: readonly string[] = []): void {
  const body = JSON.stringify(problem);
  const { retry_after_seconds: retryAfterSeconds } = problem;
  const own = [
    ...['Connection', 'close'],
    ...['Content-Type', PROBLEM_MEDIA_TYPE],
    ...['Content-Length', String(Buffer.byteLength(body))],
    ...['Cache-Control', 'no-store'],
    ...['X-Correlation-Id', problem.correlation_id],
    // RFC 9110, 11.6.1: a 401 names the scheme.
    ...(problem.status === 401 ? ['WWW-Authenticate', 'Bearer realm="weir"'] : []),
    ...(retryAfterSeconds === undefined ? [] : ['Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds)))]),
  ];
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    ...POLICY,
    ...lines([...own, ...headers]),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function lines(pairs: readonly string[]): string[] {
  return pairs.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${pairs[index + 1]}`] : []));
}
