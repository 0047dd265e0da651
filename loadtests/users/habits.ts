import { ApiProblem } from '../../shared/protocol/client/api-problem.ts';
import { ApiUnreachable } from '../../shared/protocol/client/api-unreachable.ts';
import { wait } from '../../shared/protocol/client/wait.ts';
import type { User } from './user.ts';

/** People read and think before they act again: mostly some seconds, sometimes much longer (ms). */
const MEAN_THINK_MS = 4_000;
const LONGEST_THINK_MS = 20_000;
const SHORTEST_THINK_MS = 500;

/** False: it is time to leave. */
export async function think(user: User, meanMs = MEAN_THINK_MS): Promise<boolean> {
  const ms = Math.min(LONGEST_THINK_MS, Math.max(SHORTEST_THINK_MS, -Math.log(1 - Math.random()) * meanMs));
  const left = user.who.leaveAt - Date.now();
  await wait(Math.max(0, Math.min(ms, left)));
  return Date.now() < user.who.leaveAt;
}

/** One of them, as often as its share says. */
export function oneOf<T>(choices: ReadonlyArray<readonly [share: number, choice: T]>): T {
  let point = Math.random() * choices.reduce((sum, [share]) => sum + share, 0);
  for (const [share, choice] of choices) {
    point -= share;
    if (point < 0) return choice;
  }
  throw new Error('Nothing to choose from.');
}

/** A request that was refused or lost has been counted where it was sent; people shrug and do something else. */
export async function shrug(action: Promise<unknown>): Promise<void> {
  await action.catch((error: unknown) => {
    if (!(error instanceof ApiProblem || error instanceof ApiUnreachable)) throw error;
  });
}
