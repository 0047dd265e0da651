import { TEST_LIMITS } from '../../../redis/clocked-store.ts';
import type { CapacityState } from '../../../redis/results.ts';
import type { Observation, ProviderStanding } from '../../../services/api/incidents/conditions.ts';

/** A cluster where all is well, as a replica sees it; `but` says what is different. */
export function observation(but: Partial<Observation> = {}, state: Partial<CapacityState> = {}): Observation {
  return {
    state: { ...calmState(), ...state },
    parts: { postgres: 'up', redis: 'up' },
    providers: [],
    forcedProvider: null,
    now: Date.now(),
    ...but,
  };
}

export function calmState(): CapacityState {
  return {
    kind: 'state',
    limits: TEST_LIMITS,
    level: { level: 'normal', sequence: 1, since: 0, activeUsers: 3, maxUsers: 25 },
    slotsHeld: 2,
    readyLength: 0,
    queueLength: 0,
    leader: { replica: 'r1', epoch: 1 },
    replicas: [
      { id: 'r1', version: '1', roles: ['api', 'worker'], sockets: 4, runs: 0, eventLoopDelayMs: 0, redisLatencyMs: 0 },
    ],
    estimate: { at: 0, seconds: [4, 8] },
  };
}

export function standing(name: 'primary' | 'backup', but: Partial<ProviderStanding> = {}): ProviderStanding {
  return { name, role: name, state: 'closed', since: null, nextProbeAt: null, active: false, ...but };
}
