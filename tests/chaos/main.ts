/** `make chaos`: breaks a cluster in every way while a crowd uses it, and judges by the promises. Exit code 1: one was broken; 2: the rig failed. */
import { endRun } from '../support/test-run.ts';
import { runFigures } from './figures/run-figures.ts';
import { oneRound } from './one-round.ts';
import { chaosOptions, figureOptions } from './options.ts';
import { MOST_WISHES, manyRounds } from './rounds.ts';
import { verdictLines } from './verdict.ts';

/** Every line with the seconds since the first one was asked for. */
function teller(): (line: string) => void {
  const begun = performance.now();
  return (line) => console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
}

async function main(): Promise<number> {
  const figures = figureOptions(process.env);
  if (figures === null) return breakAndJudge();
  console.log(`Figures of recovery: KINDS=${figures.kinds} TIMES=${figures.times}`);
  return (await runFigures(figures.kinds, figures.times, teller())) ? 0 : 1;
}

async function breakAndJudge(): Promise<number> {
  const options = chaosOptions(process.env);
  const { seed, runs, pace, short, without } = options;
  const said = [`SEED=${seed}`, `RUNS=${runs}`, ...(pace === 1 ? [] : [`PACE=${pace}`]), ...(short ? ['SHORT=1'] : [])];
  console.log(`Chaos with ${said.join(' ')}${without.length > 0 ? ` WITHOUT=${without}` : ''}`);
  if (runs > MOST_WISHES) return manyRounds(options, teller());
  const { evidence, violations } = await oneRound(options, teller());
  for (const line of verdictLines(options, evidence, violations)) console.log(line);
  return violations.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error('The rig failed:', error);
  process.exitCode = 2;
} finally {
  await endRun();
}
