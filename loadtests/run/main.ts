/** `make load SCENARIO=…`: one load test against the local cluster of this clone or TARGET. Exit code 0: every threshold held. */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { localSimulatorUrl } from '../../services/local/commands/chaos-provider.ts';
import { withLock } from '../../services/local/state/launch-lock.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { UsageError } from '../../services/local/usage-error.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import type { Growth } from '../measure/growth.ts';
import { durationOf, mostUsers, scaled } from '../profiles/profile.ts';
import { isProfile, PROFILES, type ProfileName } from '../profiles/profiles.ts';
import { limitOf, measuredOf } from '../report/figures.ts';
import { growthRows } from '../report/growth-table.ts';
import { remarks } from '../report/remarks.ts';
import { writeReport } from '../report/write-report.ts';
import { tellFindings, tellStory } from '../story/story.ts';
import { judge, thresholdsOf, type Verdict } from '../thresholds.ts';
import { type Access, accessTo } from './access.ts';
import { load } from './load.ts';
import { localVitals } from './local-vitals.ts';
import { type LoadOptions, readLoadOptions } from './options.ts';
import { refusedEntry } from './refused-entry.ts';
import { localScrapeTarget } from './scrape-target.ts';

async function main(): Promise<number> {
  const dotEnv = join(PACKAGE_ROOT, '.env');
  if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
  const options = readLoadOptions(process.env);
  const access = accessTo(options.target, process.env);
  const state = StateDir.of(process.env).create();
  const folder = join(state.file('load'), options.scenario, new Date().toISOString().replaceAll(':', '-'));
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const test = isProfile(options.scenario)
    ? scenario(options.scenario, { options, access, state, folder, stop })
    : story(access, folder);
  return test.catch((error: unknown) => {
    throw refusedEntry(error, access.url);
  });
}

interface Occasion {
  options: LoadOptions;
  access: Access;
  state: StateDir;
  folder: string;
  stop: AbortController;
}

async function scenario(name: ProfileName, { options, access, state, folder, stop }: Occasion): Promise<number> {
  const profile = scaled(PROFILES[name], options.timeScale, options.users);
  console.log(`${options.scenario} against ${access.url}: ${mostUsers(profile)} users, ${durationOf(profile)} s`);
  const vitals = access.isLocal ? await localVitals(state) : null;
  const scrape = localScrapeTarget(state);
  // What stays open would keep the launcher from ending.
  const summary = await load({
    options,
    profile,
    access,
    folder,
    scrape,
    vitals,
    signal: stop.signal,
    progress,
  }).finally(() => vitals?.close());
  const verdicts = judge(summary, thresholdsOf(name));
  writeReport(folder, summary, verdicts);
  clearProgress();
  tell(verdicts);
  if (name === 'soak') tellGrowth(summary.growth);
  for (const remark of remarks(summary, verdicts)) console.log(`  ${remark}`);
  if (stop.signal.aborted) console.log('  It was ended early, so it does not pass.');
  for (const line of summary.faultDetails.slice(0, 5)) console.log(`  ${line}`);
  console.log(`\nReport: ${relative(process.cwd(), join(folder, 'report.html'))}`);
  return verdicts.every(({ holds }) => holds) && !stop.signal.aborted ? 0 : 1;
}

/** Breaks a provider, so it needs one that is simulated: that of the local cluster, or SIMULATOR. */
async function story(access: Access, folder: string): Promise<number> {
  const simulator = process.env.SIMULATOR || (access.isLocal ? localSimulatorUrl(StateDir.of(process.env)) : '');
  if (simulator === '')
    throw new UsageError('The story breaks a model provider: say where the simulator is (SIMULATOR=http://…).');
  const setPrimary = async (mode: 'unavailable' | 'ok') => {
    const answer = await fetch(`${simulator}/primary/control`, { method: 'PUT', body: JSON.stringify({ mode }) });
    if (!answer.ok) throw new Error(`The simulator refused: ${await answer.text()}`);
  };
  // Before thirty people have come and half a minute is gone.
  await setPrimary('ok').catch((error: Error) => {
    throw new UsageError(`${simulator} does not answer as the model simulator does (${error.message}).`, 1);
  });
  const findings = await tellStory({ access, folder, setPrimary, progress: (line) => console.log(`  … ${line}`) });
  for (const line of tellFindings(findings)) console.log(line);
  console.log(`\nReport: ${relative(process.cwd(), join(folder, 'report.html'))}`);
  return findings.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

function tell(verdicts: Verdict[]): void {
  for (const verdict of verdicts)
    console.log(
      `  ${verdict.holds ? '✓' : '✗'} ${verdict.name.padEnd(16)} ${measuredOf(verdict).padStart(16)}  ${limitOf(verdict)}`,
    );
}

/** Per hour, by regression over the second half of the time with all users. */
function tellGrowth(growth: Growth[]): void {
  console.log(growth.length === 0 ? '  Memory and handles could not be read: not the local cluster.' : '\n  Per hour:');
  for (const [name = '', mean = '', perHour = '', share = '', verdict = ''] of growthRows(growth))
    console.log(`  ${name.padEnd(24)} ${mean.padStart(10)} ${perHour.padStart(12)} ${share.padStart(8)}  ${verdict}`);
}

function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
}

function clearProgress(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
}

/** Two at once would measure each other, and give back each other's limits. */
async function alone(): Promise<number> {
  const outcome = await withLock(StateDir.of(process.env).create().file('load.lock'), main);
  if ('done' in outcome) return outcome.done;
  throw new UsageError(`Another load test is under way here (process ${outcome.heldBy.pid}); wait for it to end.`, 1);
}

alone().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error instanceof Error ? error.stack : error);
    process.exitCode = error instanceof UsageError ? error.exitCode : 2;
  },
);
