import type { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { CliServer, TokenRole } from '../server/cli-server.ts';

/** How long a start waits for the live connection (ms). Without it nothing is lost but the first words of a model. */
const PATIENCE_MS = 2_000;

/**
 * A live connection that is listening before the run exists: model output is not stored, so whoever connects later misses
 * its beginning. Frames are kept until somebody takes them.
 */
export async function openEars(
  server: CliServer,
  role: TokenRole,
): Promise<{ live: LiveConnection; heard(): EventFrame[]; close(): Promise<void> }> {
  const live = server.live(role);
  const frames: EventFrame[] = [];
  const stopCollecting = live.onFrame((frame) => frames.push(frame));
  await settled(live);
  return {
    live,
    heard() {
      stopCollecting();
      return frames;
    },
    close: () => live.stop(),
  };
}

/** Resolves when the connection stands, or has failed once, or takes too long. */
function settled(live: LiveConnection): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = setTimeout(finish, PATIENCE_MS);
    const off = live.onState((state) => {
      if (state.kind !== 'connecting') finish();
    });
    if (live.state.kind !== 'connecting' && live.state.kind !== 'idle') finish();
  });
}
