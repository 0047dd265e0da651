/** `make chaos`: breaks a cluster in every way while a crowd uses it, and judges by the promises. Exit code 1: one was broken; 2: the rig failed. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endRun } from '../support/test-run.ts';
import { check } from './check/check.ts';
import { runFigures } from './figures/run-figures.ts';
import { chaosOptions, figureOptions } from './options.ts';
import { runRig } from './run-rig.ts';
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
  const kept = join(tmpdir(), `weir-chaos-${options.seed}`);
  console.log(
    `Chaos with SEED=${options.seed} RUNS=${options.runs}${options.short ? ' SHORT=1' : ''}${options.without.length > 0 ? ` WITHOUT=${options.without}` : ''}`,
  );
  const tell = teller();
  const keepLogs = (logDir: string) => {
    mkdirSync(kept, { recursive: true });
    cpSync(logDir, join(kept, 'logs'), { recursive: true });
  };
  const evidence = await runRig(options, tell, keepLogs);
  const violations = check(evidence);
  writeFileSync(join(kept, 'evidence.json'), JSON.stringify({ options, violations, evidence }));
  tell(`Evidence and logs: ${kept}`);
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
