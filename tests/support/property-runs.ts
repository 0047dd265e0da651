import type { Parameters } from 'fast-check';

/**
 * How often a property is tried, from the environment: `MODEL_RUNS` sequences, and to repeat a failure what its report says: `MODEL_SEED`,
 * `MODEL_PATH` and, for commands, `MODEL_REPLAY`.
 */
export function propertyRuns(runs: number): Parameters<unknown> & { numRuns: number; replayPath?: string } {
  const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;
  return {
    numRuns: MODEL_RUNS ? Number(MODEL_RUNS) : runs,
    ...(MODEL_SEED ? { seed: Number(MODEL_SEED) } : {}),
    ...(MODEL_PATH ? { path: MODEL_PATH } : {}),
    ...(MODEL_REPLAY ? { replayPath: MODEL_REPLAY } : {}),
  };
}
