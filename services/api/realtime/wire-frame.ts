import type { EventData, EventFrame, EventType } from '../../../shared/protocol/events.ts';

/** A frame ready to go out: encoded once, however many sockets of the user it goes to. */
export interface WireFrame {
  readonly type: EventType;
  readonly text: string;
  /** Place in the user's stream; both undefined: not part of it. */
  readonly epoch: string | undefined;
  readonly offset: number | undefined;
  /** May be left out for a socket that is behind: what it tells comes again, or is told in full at the end. */
  readonly droppable: boolean;
}

/** Pieces of model output, whose finished text is in the stored events, and comforts. */
const DROPPABLE: ReadonlySet<EventType> = new Set<EventType>([
  'WORKFLOW_OUTPUT',
  'CHAT_TYPING',
  'CHAT_PRESENCE',
  'CHAT_READ',
]);

/** `text`: the frame's JSON where it is at hand already. */
export function wireFrame(frame: EventFrame, text: string = JSON.stringify(frame)): WireFrame {
  return {
    type: frame.type,
    text,
    epoch: frame.epoch,
    offset: frame.offset,
    droppable: DROPPABLE.has(frame.type),
  };
}

/** A frame of this replica's own making; `position` only for the two that say where in the stream they stand. */
export function ownFrame<Type extends EventType>(
  type: Type,
  data: EventData<Type>,
  position?: { epoch: string; offset: number },
): WireFrame {
  return wireFrame({ type, data, at: new Date().toISOString(), ...position } as EventFrame);
}
