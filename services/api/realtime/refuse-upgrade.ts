import type { Duplex } from 'node:stream';
import { toProblem } from '../../../shared/errors/problem.ts';
import type { WeirError } from '../../../shared/errors/weir-error.ts';
import { endWithProblem } from '../http/raw-problem.ts';

/** Answers an upgrade request with a real HTTP response and a problem document, and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  error: WeirError,
  context: { correlationId: string; replica: string },
): void {
  if (!socket.writable) return void socket.destroy();
  // Not half-open: a peer that never closes its side must not keep the descriptor.
  socket.once('finish', () => socket.destroy());
  endWithProblem(socket, toProblem(error, context.correlationId, '/ws'), ['X-Replica', context.replica]);
}
