import type { EventFrame } from '../events.ts';

/** A place in a user's stream: everything up to and with `offset` has been received. */
export interface Position {
  epoch: string;
  offset: number;
}

/** `repeat`: seen before. `gap`: a frame is missing in between, or the stream is another one. */
export type Arrival = 'deliver' | 'repeat' | 'gap';

/** Follows the numbers of a user's stream, so that the application sees every frame once and in order. */
export class StreamPosition {
  constructor(private current: Position | null = null) {}

  get value(): Position | null {
    return this.current;
  }

  /** Takes note of a frame; only a `deliver` moves the position. */
  arrive(frame: EventFrame): Arrival {
    const { epoch, offset } = frame;
    if (epoch === undefined || offset === undefined) return 'deliver';
    if (frame.type === 'SNAPSHOT' || frame.type === 'RESUMED') {
      this.current = { epoch, offset };
      return 'deliver';
    }
    if (this.current === null || epoch !== this.current.epoch) return 'gap';
    if (offset <= this.current.offset) return 'repeat';
    if (offset > this.current.offset + 1) return 'gap';
    this.current = { epoch, offset };
    return 'deliver';
  }
}
