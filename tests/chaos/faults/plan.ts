import fc from 'fast-check';
import { LEADER_STEPS, type LeaderStepKind } from './leader-steps.ts';

const LEADER_STEP_KINDS = Object.keys(LEADER_STEPS) as LeaderStepKind[];

/** Faults of one hand: each waits for the one before to be mended, so that a hand never holds down more than one part. */
export const HANDS = {
  /** Of three replicas one at a time, so that somebody always serves. */
  replicas: [
    'replica-killed',
    'leader-killed',
    'replica-frozen',
    'leader-frozen',
    'replica-stopped',
    'clock-fast',
    'clock-slow',
    ...LEADER_STEP_KINDS,
  ],
  stores: [
    'redis-killed',
    'redis-restarted',
    'redis-emptied',
    'redis-restarted-empty',
    'redis-truncated',
    'redis-paused',
    'redis-frozen',
    'redis-full',
    'redis-read-only',
    'postgres-killed',
    'postgres-restarted',
    'postgres-frozen',
    'postgres-cut',
    'postgres-read-only',
    'postgres-connections-taken',
    'postgres-disk-full',
    'postgres-promoted',
    'standby-killed',
    'link-standby-slow',
    'link-standby-lossy',
    'link-standby-cut',
    'provider-hung',
  ],
  /** Between two parts, of which both live. */
  links: [
    'link-redis-slow',
    'link-redis-lossy',
    'link-redis-cut',
    'link-redis-refused',
    'link-postgres-slow',
    'link-postgres-lossy',
    'link-postgres-cut',
    'link-postgres-refused',
    'link-nginx-slow',
    'link-nginx-lossy',
    'link-nginx-cut',
    'link-nginx-refused',
    'link-model-slow',
    'link-model-lossy',
    'link-model-cut',
    'link-webhook-slow',
    'link-webhook-lossy',
    'link-webhook-cut',
  ],
} as const;

export type Hand = keyof typeof HANDS;
export type FaultKind = (typeof HANDS)[Hand][number];

/** One fault, decided before anything runs. */
export interface PlannedFault {
  kind: FaultKind;
  /** Which replica, where the kind does not say (from 0). */
  replica: number;
  /** Between 0 and 1: how long, between the shortest and the longest of its kind. */
  length: number;
  /** Before it (ms). */
  pauseMs: number;
}

/** Decks in a plan: more than any run takes. */
const DECKS = 40;
const PAUSE_MS = { min: 500, max: 5_000 };

/**
 * The faults of one hand, in order. The same seed gives the same plan, whatever happens meanwhile. It is dealt deck by deck, each
 * with every kind once, so that a run of some length has seen every kind.
 */
export function planOf(hand: Hand, seed: number): PlannedFault[] {
  const kinds: readonly FaultKind[] = HANDS[hand];
  const fault = fc.record({
    replica: fc.nat(99),
    length: fc.nat(1_000).map((n) => n / 1_000),
    pauseMs: fc.integer(PAUSE_MS),
  });
  const deck = fc.tuple(
    fc.shuffledSubarray([...kinds], { minLength: kinds.length }),
    fc.array(fault, { minLength: kinds.length, maxLength: kinds.length }),
  );
  // Else small numbers come first, which help in finding small failures and would make all early faults short.
  const decks = fc.sample(deck, { seed: seed + hand.length, numRuns: DECKS, unbiased: true });
  return decks.flatMap(([order, details]) =>
    order.flatMap((kind, index) => {
      const detail = details[index];
      return detail === undefined ? [] : [{ kind, ...detail }];
    }),
  );
}
