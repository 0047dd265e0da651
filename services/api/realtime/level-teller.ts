import type { LevelState } from '../../../redis/results.ts';
import type { CapacityLevel } from '../../../shared/workflow/capacity-level.ts';
import type { Connection } from './connection.ts';
import { inTurns } from './in-turns.ts';
import { levelFrames } from './level-frames.ts';
import type { WireFrame } from './wire-frame.ts';

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
    await inTurns(connections, (connection) => {
      const state = latest();
      if (state === null) return false;
      this.tell(connection, state);
      return true;
    });
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
