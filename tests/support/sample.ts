import type { Sample } from '../../db/repositories/samples.ts';

/** A sample of 5 quiet seconds from `at` (Unix ms); `but` says what is different. */
export function quietSample(at: number, but: Partial<Sample> = {}): Sample {
  return {
    at: new Date(at),
    resolution: 5,
    seconds: 5,
    users: 3,
    maxUsers: 25,
    slots: 1,
    maxSlots: 10,
    queueLength: 0,
    level: 0,
    sockets: 4,
    started: 0,
    finished: 0,
    failed: 0,
    requests: 0,
    errors: 0,
    latency: [],
    degraded: [0, 0, 0, 0, 0, 0],
    down: [0, 0, 0, 0, 0, 0],
    ...but,
  };
}
