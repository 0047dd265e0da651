import type { StreamPosition } from '../../../redis/results.ts';
import type { Connection } from './connection.ts';

/** Most frames of a new epoch that a socket is sent after the snapshot at its beginning; when there are more, the snapshot stands at the head. */
const MOST_SINCE = 100;

/** What a client has: everything up to and with `offset` of `epoch`. */
export type Place = Pick<StreamPosition, 'epoch' | 'offset'>;

/** The stream has another epoch than when this socket was live. One that comes with an old epoch may have been away for long. */
export function isRenewed({ greeted, epoch }: Connection, head: StreamPosition): boolean {
  return greeted && epoch !== null && epoch !== head.epoch;
}

/** Of a socket whose stream has a new epoch: where that begins. */
export function placeOfSnapshot({ epoch, offset, oldest, since }: StreamPosition): Place {
  const begin = Math.max(since, oldest - 1);
  return { epoch, offset: offset - begin > MOST_SINCE ? offset : begin };
}

/** Whatever the socket's client has not got is in the history. */
export function isKept(connection: Connection, head: StreamPosition): boolean {
  const { epoch, offset } = connection;
  return epoch === head.epoch && offset <= head.offset && offset + 1 >= head.oldest;
}
