import type { EventFrame } from '../../shared/protocol/events.ts';

export type StreamFault = { fault: 'repeated_event' | 'out_of_order' | 'not_resumed'; detail: string };

/**
 * Holds every frame of a user's sockets, as it comes from the wire, against docs/protocol.md ("Missing nothing"): numbers without holes, none twice,
 * and a socket that comes back goes on where the last one ended. The product's client would hide such faults by reconnecting.
 */
export class StreamCheck {
  private last: { epoch: string; offset: number } | null = null;

  /** null: as it must be. */
  arrive(frame: EventFrame): StreamFault | null {
    const { type, epoch, offset } = frame;
    if (epoch === undefined || offset === undefined) return null;
    const before = this.last;
    this.last = { epoch, offset };
    const detail = `${type} ${offset} after ${before?.offset ?? 'nothing'}`;
    if (type === 'SNAPSHOT') return before === null ? null : { fault: 'not_resumed', detail };
    if (type === 'RESUMED')
      return before?.epoch === epoch && before.offset === offset ? null : { fault: 'not_resumed', detail };
    if (before === null || before.epoch !== epoch)
      return { fault: 'out_of_order', detail: `${detail}, another stream` };
    if (offset > before.offset + 1) return { fault: 'out_of_order', detail };
    if (offset > before.offset) return null;
    this.last = before;
    return { fault: 'repeated_event', detail };
  }
}
