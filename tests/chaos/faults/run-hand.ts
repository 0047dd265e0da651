import { setTimeout as delay } from 'node:timers/promises';
import { answers } from '../../../services/local/cluster/node-program.ts';
import type { Stage } from '../../support/cluster/stage.ts';
import { until } from '../../support/until.ts';
import type { FaultStory } from '../evidence/evidence.ts';
import { makeFault } from './make-fault.ts';
import { type FaultKind, type Hand, planOf } from './plan.ts';

/** A replica that was mended may find Redis or Postgres broken by the other hand (ms). */
const MENDED_WITHIN_MS = 60_000;

/** Applies one fault after the other until told to stop; the last one is mended all the same. */
export async function runHand(
  stage: Stage,
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
    const fault = await makeFault(stage, planned);
    const appliedAt = Date.now();
    await fault.apply();
    await pause(fault.holdMs);
    const mendedAt = Date.now();
    await fault.heal();
    await untilServing(stage, fault.target);
    const { name, target } = fault;
    tell({ name, kind: planned.kind, target, appliedAt, mendedAt, healedAt: Date.now() });
  }
}

async function untilServing({ cluster }: Stage, target: string): Promise<void> {
  const replica = cluster.replicas.find(({ id }) => id === target);
  if (replica === undefined) return;
  await until(() => answers(`${replica.url}/ready`), {
    timeoutMs: MENDED_WITHIN_MS,
    what: `${target} to be ready again`,
  });
}
