/**
 * WebSocket close codes. The range carries the client's duty, so that a client needs no table of codes:
 * 4000–4499 "reconnect (with resume)", 4500–4999 "stop, a person or program must act first".
 */
export const CLOSE_CODES = {
  draining: { code: 4000, reason: 'server draining' },
  slowConsumer: { code: 4001, reason: 'slow consumer' },
  heartbeatLost: { code: 4002, reason: 'heartbeat lost' },
  tokenExpired: { code: 4003, reason: 'token expired' },
  internal: { code: 4004, reason: 'internal error' },
  badFrame: { code: 4500, reason: 'bad frame' },
} as const;

/** The duty of a client whose socket closed with `code`. Standard codes (1000–1015) other than 1000 and 1008 mean: reconnect. */
export function mayReconnect(code: number): boolean {
  if (code >= 4500 && code <= 4999) return false;
  return code !== 1000 && code !== 1008;
}
