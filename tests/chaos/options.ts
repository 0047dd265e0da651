import { type FaultKind, HANDS } from './faults/plan.ts';
import { MEASUREMENTS, type MeasurementKind } from './figures/run-figures.ts';

/** What a run of the rig is asked for. */
export interface ChaosOptions {
  /** Everything random follows from it: faults, their targets and lengths, what users do. */
  seed: number;
  /** Wishes for runs that are sent; beyond what one round has, runs that were accepted in all rounds. */
  runs: number;
  /** So many times as many wishes a second, and slots. */
  pace: number;
  short: boolean;
  /** Kinds of faults that are left out, to look past what is known to be broken. */
  without: readonly FaultKind[];
}

/** What is measured, when figures are asked for. */
export interface FigureOptions {
  kinds: readonly MeasurementKind[];
  times: number;
}

const TIMES = 20;

/** `make chaos FIGURES=1 [KINDS=leader-killed,…] [TIMES=20]`; null: figures are not asked for. Throws a sentence for people. */
export function figureOptions(environment: NodeJS.ProcessEnv): FigureOptions | null {
  if (!isOn(environment.FIGURES)) return null;
  const all = Object.keys(MEASUREMENTS) as MeasurementKind[];
  const named = namesIn(environment.KINDS ?? '', all, 'measurement');
  return { kinds: named.length === 0 ? all : named, times: whole(environment, 'TIMES', TIMES) };
}

const RUNS = 2_000;
const RUNS_SHORT = 300;

/** `make chaos [SEED=…] [RUNS=…] [PACE=3] [SHORT=1] [WITHOUT=redis-truncated,…] [ONLY=link-redis-cut,…]`; throws a sentence for people. */
export function chaosOptions(environment: NodeJS.ProcessEnv, random = Math.random): ChaosOptions {
  const kinds: FaultKind[] = Object.values(HANDS).flat();
  const short = isOn(environment.SHORT);
  const only = namesIn(environment.ONLY ?? '', kinds, 'fault');
  const without = namesIn(environment.WITHOUT ?? '', kinds, 'fault');
  return {
    seed: whole(environment, 'SEED', Math.floor(random() * 1_000_000)),
    runs: whole(environment, 'RUNS', short ? RUNS_SHORT : RUNS),
    pace: Math.max(1, whole(environment, 'PACE', 1)),
    short,
    without: only.length === 0 ? without : kinds.filter((kind) => !only.includes(kind) || without.includes(kind)),
  };
}

const isOn = (text: string | undefined) => !['', '0'].includes(text ?? '');

function whole(environment: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = environment[name] ?? '';
  if (text === '') return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is a whole number from 0 to 999999999, not "${text}".`);
  return Number(text);
}

function namesIn<Name extends string>(text: string, known: readonly Name[], what: string): Name[] {
  return text
    .split(',')
    .filter(Boolean)
    .map((name) => {
      const found = known.find((each) => each === name);
      if (found === undefined) throw new Error(`There is no ${what} "${name}". Known: ${known.join(', ')}.`);
      return found;
    });
}
