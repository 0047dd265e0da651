import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../services/local/usage-error.ts';
import type { Access } from '../run/access.ts';
import { borrowLimits } from '../run/limits.ts';
import { theQueue, theTwentieth, theTwentyThird } from './acts.ts';
import { CRITERIA, type Finding, Findings } from './criteria.ts';
import { Crowd } from './crowd.ts';
import { type SetPrimary, theEnd, theProvider, theStatusPage } from './failure-acts.ts';
import { storyPage } from './page.ts';
import { until } from './until.ts';

const LIMITS = {
  max_users: 25,
  max_workflows: 10,
  hard_limit_users: 0,
  queue_max: 1_000,
  queue_max_per_user: 20,
  queue_timeout_seconds: 300,
};
/** A level of before is left within this (ms). */
const QUIET_MS = 30_000;

export interface StoryRun {
  access: Access;
  folder: string;
  setPrimary: SetPrimary;
  progress(line: string): void;
}

/** Tells the story with 30 users on a limit of 25; one finding per acceptance criterion, and a page of them in `folder`. */
export async function tellStory({ access, folder, setPrimary, progress }: StoryRun): Promise<Finding[]> {
  mkdirSync(folder, { recursive: true });
  const crowd = await Crowd.gather(access);
  const giveBack = await borrowLimits(crowd.admin, LIMITS, join(folder, 'limits-before.json'));
  const findings = new Findings();
  try {
    const quiet = async () => {
      const { active_users: users, active_workflows: runs, queue_length: length, level } = await crowd.admin.capacity();
      return users === 0 && runs === 0 && length === 0 && level === 'normal';
    };
    if (!(await until(quiet, QUIET_MS)))
      throw new UsageError(
        'The story counts users, so nobody else may use the cluster: close consoles and end runs first.',
        1,
      );
    progress('19 users, ten runs; the 20th, and fifteen starts at once');
    const { existing, waiting } = await theTwentieth(crowd, findings);
    const [chatRun] = existing;
    if (chatRun === undefined) throw new Error('Nothing was started.');
    progress('the 23rd, and up to thirty');
    await theTwentyThird(crowd, findings, chatRun);
    progress('slots become free: the queue drains');
    await theQueue(crowd, findings, existing, waiting);
    progress('the primary provider goes down');
    await theProvider(crowd, findings, setPrimary);
    progress('the status page');
    await theStatusPage(crowd, findings, access.url);
    progress('twenty leave');
    await theEnd(crowd, findings);
  } finally {
    await crowd.leave(crowd.people);
    await giveBack();
  }
  const all = findings.all();
  const passed = all.every(({ faults }) => faults.length === 0);
  const content = { passed, target: access.url, at: new Date().toISOString(), findings: all };
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(content, null, 2)}\n`);
  writeFileSync(join(folder, 'report.html'), storyPage(content));
  return all;
}

export function tellFindings(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ criterion, faults }) => [
    `  ${faults.length === 0 ? '✓' : '✗'} ${CRITERIA[criterion]}`,
    ...faults.slice(0, 5).map((fault) => `      ${fault}`),
  ]);
}
