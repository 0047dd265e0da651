import type { ApiProblem } from '../../../shared/protocol/client/api-problem.ts';
import type { LiveConnection } from '../../../shared/protocol/client/live-connection.ts';
import type { LiveState } from '../../../shared/protocol/client/live-state.ts';
import { wait } from '../../../shared/protocol/client/wait.ts';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { RunWatcher } from './run-watcher.ts';
import type { Ending } from './updates.ts';

/** Where frames come from. */
export type LiveFeed = Pick<LiveConnection, 'state' | 'onFrame' | 'onState'>;

export interface FollowOptions {
  watcher: RunWatcher;
  feed: LiveFeed;
  /** Frames the feed brought before. */
  earlier: readonly EventFrame[];
  /** Whose run it is: frames of a socket belong to its own user only. */
  owner: string;
  /** Aborted: stop following. */
  signal: AbortSignal;
  /** Milliseconds between questions to the server; see {@link POLL_MS}. */
  pollMs?: typeof POLL_MS;
  /** Milliseconds without any sign of the server after which following is given up. */
  giveUpMs?: number;
}

/** How often the run is asked for: `live` as a safety net while frames arrive, `alone` while none do or the run is another user's. */
const POLL_MS = { live: 15_000, alone: 2_000 };
/** Outlasts a restart of the whole cluster; a script must not wait for ever. */
const GIVE_UP_MS = 180_000;
/** A reconnect that takes less is not worth a sentence (ms). */
const BLINK_MS = 1_000;

/** Brings frames and answers to the watcher until the run has ended, or `signal` aborts (null). Rejects when the server refuses, or is gone for long. */
export async function followRun(options: FollowOptions): Promise<Ending | null> {
  const { watcher, feed, owner, signal } = options;
  let foreign = false;
  const onFrame = (frame: EventFrame): void => {
    if (frame.type === 'SNAPSHOT') foreign = frame.data.user_id !== owner;
    watcher.frame(frame);
  };
  const onState = (state: LiveState): void => {
    if (state.kind === 'live') watcher.connection('back');
    else watcher.connection(state.kind === 'waiting' && state.until - Date.now() > BLINK_MS ? 'away' : 'lost');
  };
  options.earlier.forEach(onFrame);
  const leave = [feed.onFrame(onFrame), feed.onState(onState)];
  const over = new AbortController();
  try {
    const listening = () => feed.state.kind === 'live' && !foreign;
    return await Promise.race([watcher.ended, aborted(signal), poll(options, listening, over.signal)]);
  } finally {
    over.abort();
    for (const off of leave) off();
  }
}

async function poll(options: FollowOptions, listening: () => boolean, over: AbortSignal): Promise<never> {
  const pause = options.pollMs ?? POLL_MS;
  let heardAt = Date.now();
  while (!over.aborted) {
    try {
      await options.watcher.refresh();
      heardAt = Date.now();
    } catch (error) {
      if (isRefusal(error)) throw error;
      if (options.feed.state.kind === 'live') heardAt = Date.now();
      if (Date.now() - heardAt > (options.giveUpMs ?? GIVE_UP_MS)) throw error;
    }
    await wait(listening() ? pause.live : pause.alone, over).catch(() => {});
  }
  return new Promise(() => {});
}

/** A status of 4xx, except the one that only says "slower". */
function isRefusal(error: unknown): boolean {
  const status = (error as Partial<ApiProblem>).status;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
