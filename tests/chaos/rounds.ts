import { rmSync } from 'node:fs';
import { oneRound } from './one-round.ts';
import type { ChaosOptions } from './options.ts';
import { verdictLines } from './verdict.ts';

/** Wishes of one round: what it has seen must be held in memory, and a cluster that is always the same one is another test. */
export const MOST_WISHES = 2_000;
/** Of the wishes some are refused while things are broken, so the last round asks for more than is missing. */
const WISHES_PER_RUN = 1.25;
/** Rounds in which the rig itself failed, after which it is no use to go on. */
const MOST_FAILURES = 3;

/**
 * Rounds on clusters of their own, each with the next seed, until so many runs were accepted. Evidence is kept of rounds in which a promise was
 * broken. Resolves to the exit code; the last line is the sum of all.
 */
export async function manyRounds(options: ChaosOptions, tell: (line: string) => void): Promise<number> {
  const sum = { rounds: 0, runs: 0, faults: 0, violations: 0, failed: 0 };
  for (let seed = options.seed; sum.runs < options.runs && sum.failed < MOST_FAILURES; seed++) {
    const runs = Math.min(MOST_WISHES, Math.ceil((options.runs - sum.runs) * WISHES_PER_RUN));
    tell(`Round ${sum.rounds + 1}: SEED=${seed} RUNS=${runs}`);
    try {
      const { evidence, violations, kept } = await oneRound({ ...options, seed, runs }, tell);
      sum.rounds++;
      sum.runs += evidence.runs.length;
      sum.faults += evidence.faults.length;
      sum.violations += violations.length;
      for (const line of verdictLines({ ...options, seed }, evidence, violations)) console.log(line);
      if (violations.length === 0) rmSync(kept, { recursive: true, force: true });
    } catch (error) {
      sum.failed++;
      console.error(`The rig failed in the round with SEED=${seed}:`, error);
    }
  }
  const { rounds, runs, faults, violations, failed } = sum;
  console.log(
    `chaos: seeds from ${options.seed}, ${rounds} rounds, ${runs} runs, ${faults} faults, ${violations} violations${failed > 0 ? `; the rig failed ${failed} times` : ''}`,
  );
  if (failed > 0) return 2;
  return violations === 0 ? 0 : 1;
}
