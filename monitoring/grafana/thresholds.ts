import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';

const GOOD = 'green';
const WARNING = 'orange';
const CRITICAL = 'red';

export type Thresholds = Builder<ThresholdsConfig>;

/** Green, orange from `warning` on, red from `critical` on. */
export function rising(warning: number, critical: number): Thresholds {
  return steps([null, GOOD], [warning, WARNING], [critical, CRITICAL]);
}

/** Red below `critical`, orange below `warning`, green from there on. */
export function falling(warning: number, critical: number): Thresholds {
  return steps([null, CRITICAL], [critical, WARNING], [warning, GOOD]);
}

/** Green at zero, red as soon as there is one; also where an extrapolated count says 0.9. */
export function noneExpected(): Thresholds {
  return steps([null, GOOD], [0.001, CRITICAL]);
}

/** Green at one, red at any other number. */
export function oneExpected(): Thresholds {
  return steps([null, CRITICAL], [1, GOOD], [2, CRITICAL]);
}

/** A number that is neither good nor bad. */
export function plain(): Thresholds {
  return steps([null, 'blue']);
}

function steps(...list: Array<[number | null, string]>): Thresholds {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(list.map(([value, color]) => ({ value, color })));
}

/** Of the share of users: where the levels elevated, degraded and saturated begin. */
export function userLevels(): Thresholds {
  return steps([null, GOOD], [0.8, 'yellow'], [0.9, WARNING], [1, CRITICAL]);
}

/**
 * Orange where the warning begins that monitoring/prometheus/rules sends, red where the critical one does: colour on a dashboard and a message
 * mean the same. Shares are 0 to 1, times are seconds.
 */
export const LIMITS = {
  cpu: () => rising(0.7, 0.9),
  memory: () => rising(0.75, 0.9),
  p95: () => rising(0.5, 2),
  errorRate: () => rising(0.01, 0.05),
  disk: () => rising(0.8, 0.9),
  queueWait: () => rising(0.5, 0.8),
  burnRate: () => rising(3, 14.4),
  redisMemory: () => rising(0.75, 0.9),
  /** Of these there are only warnings; red is where nothing goes on. */
  eventLoopLag: () => rising(0.2, 1),
  eventLoopBusy: () => rising(0.9, 0.99),
  redisRoundTrip: () => rising(0.1, 0.5),
  queue: () => rising(0.8, 1),
  standbyBehindBytes: () => rising(64 * 1_024 ** 2, 1_024 ** 3),
} as const;
