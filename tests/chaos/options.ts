import { type FaultKind, HANDS } from './faults/plan.ts';

/** What a run of the rig is asked for. */
export interface ChaosOptions {
  /** Everything random follows from it: faults, their targets and lengths, what users do. */
  seed: number;
  /** Wishes for runs that are sent. */
  runs: number;
  short: boolean;
  /** Kinds of faults that are left out, to look past what is known to be broken. */
  without: readonly FaultKind[];
}

const RUNS = 2_000;
const RUNS_SHORT = 300;

/** `make chaos [SEED=…] [RUNS=…] [SHORT=1] [WITHOUT=redis-truncated,…]`; throws a sentence for people. */
export function chaosOptions(environment: NodeJS.ProcessEnv, random = Math.random): ChaosOptions {
  const whole = (name: string, fallback: number) => {
    const text = environment[name] ?? '';
    if (text === '') return fallback;
    if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is a whole number from 0 to 999999999, not "${text}".`);
    return Number(text);
  };
  const short = !['', '0'].includes(environment.SHORT ?? '');
  return {
    seed: whole('SEED', Math.floor(random() * 1_000_000)),
    runs: whole('RUNS', short ? RUNS_SHORT : RUNS),
    short,
    without: listOf(environment.WITHOUT ?? ''),
  };
}

function listOf(text: string): FaultKind[] {
  const kinds = Object.values(HANDS).flat();
  return text
    .split(',')
    .filter(Boolean)
    .map((name) => {
      const kind = kinds.find((each) => each === name);
      if (kind === undefined) throw new Error(`There is no fault "${name}". Known: ${kinds.join(', ')}.`);
      return kind;
    });
}
