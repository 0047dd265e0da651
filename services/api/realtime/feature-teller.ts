import type { FeatureWatch } from '../features/feature-watch.ts';
import type { Connection } from './connection.ts';
import { featureFrames } from './feature-frames.ts';
import { inTurns } from './in-turns.ts';
import type { WireFrame } from './wire-frame.ts';

/** Tells sockets which comforts are off. Each connection remembers what its client knows, as for the level (see LevelTeller). */
export class FeatureTeller {
  private encoded: { disabled: string; frames: Map<string, WireFrame[]> } | undefined;

  constructor(private readonly features: Pick<FeatureWatch, 'current' | 'disabled'>) {}

  tell(connection: Connection): void {
    const { disabled } = this.features;
    const told = connection.toldDisabled;
    if (!connection.greeted || String(told) === String(disabled)) return;
    for (const frame of this.framesFrom(told)) connection.send(frame);
    connection.toldDisabled = disabled;
  }

  async tellAll(connections: Iterable<Connection>): Promise<void> {
    await inTurns(connections, (connection) => {
      this.tell(connection);
      return true;
    });
  }

  private framesFrom(told: Connection['toldDisabled']): WireFrame[] {
    const { current, disabled } = this.features;
    const now = String(disabled);
    if (this.encoded?.disabled !== now) this.encoded = { disabled: now, frames: new Map() };
    let frames = this.encoded.frames.get(String(told));
    if (frames === undefined) {
      frames = featureFrames(told, current?.features ?? []);
      this.encoded.frames.set(String(told), frames);
    }
    return frames;
  }
}
