import type { Exchange } from '../exchange.ts';
import * as broken from './broken-streams.ts';
import * as healthy from './healthy.ts';
import * as refusals from './refusals.ts';

export interface Mode {
  /** One line for people who choose a mode. */
  about: string;
  /** How the simulator behaves towards a request that is valid. */
  answer(exchange: Exchange): Promise<void>;
}

/** Every mode by name; a new fault is one function and one entry here. */
export const MODES = {
  ok: { about: 'healthy: the whole answer at the set speed', answer: healthy.ok },
  rate_limited_once: { about: 'one 429 with Retry-After (1 s), then healthy', answer: refusals.rateLimitedOnce },
  rate_limited: { about: '429 without Retry-After, always', answer: refusals.rateLimited },
  error_once: { about: 'one 500, then healthy', answer: refusals.errorOnce },
  unavailable: { about: '503, always', answer: refusals.unavailable },
  unavailable_billed: { about: '503 that names a usage, always', answer: refusals.unavailableBilled },
  reset: { about: 'TCP reset before any header', answer: broken.reset },
  silent: { about: 'takes the request and never answers', answer: broken.silent },
  slow: { about: 'first token only after slow_ms (20 s)', answer: healthy.slow },
  cut: { about: 'connection closed after two thirds of the tokens', answer: broken.cut },
  stalled: { about: 'after a third of the tokens only keep-alives for stall_ms (30 s)', answer: broken.stalled },
  stalled_before: { about: 'only keep-alives for stall_ms (30 s), then the answer', answer: broken.stalledBefore },
  malformed: { about: 'a chunk that is not JSON in mid-stream', answer: broken.malformed },
  unfinished: { about: 'all tokens, but no finish reason and no [DONE]', answer: broken.unfinished },
  unfinished_done: { about: '[DONE] after two thirds of the tokens, no finish reason', answer: broken.unfinishedDone },
  stream_error: { about: 'an error object in mid-stream', answer: broken.streamError },
  context_length: { about: '400 prompt too long, except for models named "large"', answer: refusals.contextLength },
  content_filter: { about: '400 refused for its content', answer: refusals.contentFilter },
  filtered_midway: { about: 'finish reason "content_filter" in mid-stream', answer: broken.filteredMidway },
  no_prefill: { about: '400 when the last message is the assistant’s, else healthy', answer: refusals.noPrefill },
  outage: { about: '503 until outage_ms (60 s) after the mode was set, then healthy', answer: refusals.outage },
  unauthorized: { about: '401, always', answer: refusals.unauthorized },
} as const satisfies Record<string, Mode>;

export type ModeName = keyof typeof MODES;
export const MODE_NAMES = Object.keys(MODES) as [ModeName, ...ModeName[]];
