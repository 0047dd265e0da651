import type { LevelState } from '../../../redis/results.ts';
import type { CapacityLevel } from '../../../shared/workflow/capacity-level.ts';
import type { Connection } from './connection.ts';
import { levelFrames } from './level-frames.ts';
import type { WireFrame } from './wire-frame.ts';

/** Sockets told in one turn of the event loop (some 5 ms), so that a replica with many stays responsive. */
const PER_TURN = 500;

/**
 * Tells sockets of the level. Each connection remembers what its client knows, so telling is idempotent: a socket that connects
 * while a change is being told, or for which two changes fall together, hears exactly the difference, once.
 */
export class LevelTeller {
  private encoded: { sequence: number; frames: Map<CapacityLevel, WireFrame[]> } | undefined;

  tell(connection: Connection, state: LevelState): void {
    if (!connection.greeted || connection.toldLevel === state.level) return;
    for (const frame of this.framesFrom(connection.toldLevel, state)) connection.send(frame);
    connection.toldLevel = state.level;
  }

  /** `latest` is asked anew in each turn, as the level may change in between. */
  async tellAll(connections: ReadonlySet<Connection>, latest: () => LevelState | null): Promise<void> {
    let count = 0;
    // A Set's iterator also visits what is added meanwhile, and skips what is deleted.
    for (const connection of connections) {
      const state = latest();
      if (state === null) return;
      this.tell(connection, state);
      if (++count % PER_TURN === 0) await new Promise(setImmediate);
    }
  }

  private framesFrom(from: CapacityLevel, state: LevelState): WireFrame[] {
    if (this.encoded?.sequence !== state.sequence) this.encoded = { sequence: state.sequence, frames: new Map() };
    let frames = this.encoded.frames.get(from);
    if (frames === undefined) {
      frames = levelFrames(from, state);
      this.encoded.frames.set(from, frames);
    }
    return frames;
  }
}
