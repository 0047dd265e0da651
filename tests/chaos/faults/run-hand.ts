import { setTimeout as delay } from 'node:timers/promises';
import { answers } from '../../../services/local/cluster/node-program.ts';
import { until } from '../../support/until.ts';
import type { FaultStory } from '../evidence/evidence.ts';
import type { Scene } from '../scene.ts';
import { makeFault } from './make-fault.ts';
import { type FaultKind, type Hand, planOf } from './plan.ts';

/** A replica that was mended may find Redis or Postgres broken by the other hand, on a busy machine several times in a row (ms). */
const MENDED_WITHIN_MS = 180_000;

/** Applies one fault after the other until told to stop; the last one is mended all the same. */
export async function runHand(
  scene: Scene,
  options: {
    hand: Hand;
    seed: number;
    without: readonly FaultKind[];
    signal: AbortSignal;
    tell: (story: FaultStory) => void;
  },
): Promise<void> {
  const { hand, seed, without, signal, tell } = options;
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
  for (const planned of planOf(hand, seed).filter(({ kind }) => !without.includes(kind))) {
    await pause(planned.pauseMs);
    if (signal.aborted) return;
    const fault = await makeFault(scene, planned);
    const appliedAt = Date.now();
    await fault.apply();
    await pause(fault.holdMs);
    const mendedAt = Date.now();
    await fault.heal();
    await untilServing(scene, fault.target);
    const { name, target } = fault;
    tell({ name, kind: planned.kind, target, appliedAt, mendedAt, healedAt: Date.now() });
  }
}

async function untilServing({ cluster }: Scene, target: string): Promise<void> {
  const replica = cluster.replicas.find(({ id }) => id === target);
  if (replica === undefined) return;
  await until(() => answers(`${replica.url}/ready`), {
    timeoutMs: MENDED_WITHIN_MS,
    what: `${target} to be ready again`,
  });
}
