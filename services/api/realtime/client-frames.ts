import { type ClientFrame, clientFrameSchema } from '../../../shared/protocol/events.ts';
import type { Connection } from './connection.ts';
import { ownFrame } from './wire-frame.ts';

/** What is done with each frame a client may send: one entry per member of `clientFrameSchema`; the compiler asks for the rest. */
export type ClientFrameHandlers = {
  readonly [Type in ClientFrame['type']]: (connection: Connection, frame: Extract<ClientFrame, { type: Type }>) => void;
};

export const CORE_HANDLERS: Pick<ClientFrameHandlers, 'PING'> = {
  PING: (connection) => void connection.send(ownFrame('PONG', {})),
};

/** False: not JSON, or not a frame of the protocol. */
export function handleClientFrame(text: string, connection: Connection, handlers: ClientFrameHandlers): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const frame = clientFrameSchema.safeParse(value);
  if (!frame.success) return false;
  dispatch(frame.data, connection, handlers);
  return true;
}

/** The table pairs each type with its handler, which the compiler cannot follow through a union: hence the type parameter. */
function dispatch<Type extends ClientFrame['type']>(
  frame: Extract<ClientFrame, { type: Type }>,
  connection: Connection,
  handlers: ClientFrameHandlers,
): void {
  handlers[frame.type as Type](connection, frame);
}
