import { setTimeout as delay } from 'node:timers/promises';
import { MetricsPage } from '../../support/cluster/metrics-page.ts';
import type { Stage } from '../../support/cluster/stage.ts';
import type { RestLook } from './evidence.ts';

/** Between looks (ms). */
const EVERY_MS = 500;

/** Looks until everything is as it should be or the time is over; resolves to the last look. */
export async function lookAtRest(stage: Stage, connected: () => number, withinMs: number): Promise<RestLook> {
  const deadline = performance.now() + withinMs;
  while (true) {
    const look = await lookOnce(stage, connected);
    const isRight = look.counted === look.connected && look.drift === 0 && look.slots === 0;
    if (isRight || performance.now() > deadline) return look;
    await delay(EVERY_MS);
  }
}

async function lookOnce(stage: Stage, connected: () => number): Promise<RestLook> {
  const known = <Value>(value: Promise<Value>) => value.catch(() => null);
  const [status, state, drifts] = await Promise.all([
    known(stage.capacity()),
    known(stage.store.cluster.read()),
    known(Promise.all(stage.cluster.replicas.map(driftOf))),
  ]);
  const reported = (drifts ?? []).filter((drift) => !Number.isNaN(drift));
  return {
    at: Date.now(),
    counted: status?.active_users ?? null,
    connected: connected(),
    drift: reported.length === 0 ? null : Math.max(...reported.map(Math.abs)),
    slots: state?.kind === 'state' ? state.slotsHeld : null,
  };
}

const driftOf = async (replica: { internalUrl: string }) => (await MetricsPage.of(replica)).sum('weir_lease_drift');
