import { wait } from '../../shared/protocol/client/wait.ts';
import type { Assignment } from './assignment.ts';
import { chatLife } from './chat-life.ts';
import { askAssignment, sendSample, sendWaiting } from './link.ts';
import { Reporter } from './reporter.ts';
import { User } from './user.ts';
import { websocketLife } from './websocket-life.ts';
import { workflowsLife } from './workflows-life.ts';

/** Where artillery counts; the report does not need it. */
export interface Tally {
  counter(name: string): void;
  time(name: string, ms: number): void;
}

/** Somebody arrives, lives and leaves. Called by artillery's engine for each virtual user. */
export async function arrive(tally: Tally): Promise<void> {
  const who = await askAssignment();
  const reporter = new Reporter((sample) => {
    if (sample.kind === 'request') tally.time(`weir.${sample.outcome}`, sample.ms);
    if (sample.kind === 'span') tally.time(`weir.${sample.span}`, sample.ms);
    if (sample.kind === 'fault') tally.counter(`weir.fault.${sample.fault}`);
    sendSample(sample);
  });
  await liveAs(who, reporter);
  await sendWaiting();
}

/** One life. Never rejects: that a user could not go on is what the run is about. */
export async function liveAs(who: Assignment, reporter: Reporter): Promise<void> {
  const user = new User(who, reporter);
  reporter.add({ kind: 'users', at: Date.now(), change: 1 });
  const gone = new AbortController();
  try {
    await user.connect();
    for (const at of who.storms) {
      wait(at - Date.now(), gone.signal).then(
        () => user.breakSocket(),
        () => {},
      );
    }
    if (who.habit === 'chat') await chatLife(user);
    else if (who.habit === 'websocket') await websocketLife(user);
    else await workflowsLife(user);
  } catch (error) {
    reporter.fault('user_failed', `${who.userId}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    gone.abort();
    await user.close();
    reporter.add({ kind: 'users', at: Date.now(), change: -1 });
  }
}
