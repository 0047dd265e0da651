import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Summary } from '../measure/summary.ts';
import { breakingPoint, type Verdict } from '../thresholds.ts';
import { areComparable, compare } from './compare.ts';
import { csvOf } from './csv.ts';
import { pageOf } from './page.ts';

const JSON_NAME = 'report.json';

/** Writes report.html, report.json and timeline.csv into `folder`, beside the newest earlier run of the same shape in the folders next to it. */
export function writeReport(folder: string, summary: Summary, verdicts: Verdict[]): void {
  mkdirSync(folder, { recursive: true });
  const before = runBefore(folder, summary);
  const differences = before === null ? null : { before: before.name, lines: compare(summary, before.summary) };
  const passed = verdicts.every(({ holds }) => holds);
  writeFileSync(
    join(folder, JSON_NAME),
    `${JSON.stringify({ passed, verdicts, breakingPoint: breakingPoint(summary.points), differences, ...summary }, null, 1)}\n`,
  );
  writeFileSync(join(folder, 'timeline.csv'), csvOf(summary));
  writeFileSync(join(folder, 'report.html'), pageOf({ summary, verdicts, differences }));
}

/** Folders are named by time, so the order of names is the order of runs. */
function runBefore(folder: string, summary: Summary): { name: string; summary: Summary } | null {
  const all = dirname(folder);
  const earlier = readdirSync(all).filter((name) => name < basename(folder) && existsSync(join(all, name, JSON_NAME)));
  for (const name of earlier.sort().reverse()) {
    const before = JSON.parse(readFileSync(join(all, name, JSON_NAME), 'utf8')) as Summary;
    if (areComparable(summary, before)) return { name, summary: before };
  }
  return null;
}
