import type { CapacityKey, ModelKey, ProviderKey, UserKey } from './keys.ts';

const QUEUE = ['queue', 'queueDeadlines', 'entries', 'queuedByUser'] as const;
const SLOTS = ['slots', 'holders', 'ready'] as const;
const LEVEL = ['limits', 'level', 'userLeases', 'users'] as const;
const FEATURES = ['limits', 'level', 'users', 'features', 'featureForces', 'featureLog'] as const;

/** Keys of every capacity script in the order in which it takes them; a test holds them against the scripts' headers. */
export const CAPACITY_SCRIPTS = {
  joinUsers: LEVEL,
  leaveUsers: LEVEL,
  refreshLevel: ['epoch', ...LEVEL, 'replicas', 'replicaLeases'],
  reportReplica: [...LEVEL, 'replicas', 'replicaLeases'],
  setLimits: ['limits', 'level', 'users'],
  readState: [
    'generation',
    'limits',
    'level',
    'users',
    'slots',
    'ready',
    'queue',
    'leaderInfo',
    'estimate',
    'replicas',
    'replicaLeases',
  ],
  admitRuns: ['generation', 'limits', 'level', ...QUEUE, ...SLOTS, 'grantCounter', 'cancels'],
  dequeueRuns: ['generation', 'epoch', 'limits', 'level', ...QUEUE, ...SLOTS, 'grantCounter', 'drain', 'permit'],
  moveRun: ['generation', 'queue', 'entries'],
  cancelRun: ['generation', ...QUEUE, ...SLOTS, 'cancels'],
  readPositions: ['generation', 'entries', 'queue', 'queueDeadlines'],
  listQueue: ['generation', 'queue', 'entries'],
  renewSlots: ['generation', ...SLOTS, 'cancels'],
  releaseSlots: [
    'generation',
    'epoch',
    'limits',
    'level',
    ...QUEUE,
    ...SLOTS,
    'grantCounter',
    'permit',
    'cancels',
    'serviceTimes',
  ],
  returnSlots: ['generation', ...SLOTS, 'cancels'],
  rescueSlots: ['generation', 'epoch', ...SLOTS, 'cancels', 'rescuePulse'],
  readGrants: ['holders'],
  beginRebuild: [
    'generation',
    'epoch',
    'rebuild',
    ...QUEUE,
    ...SLOTS,
    'grantCounter',
    'cancels',
    'drain',
    'estimate',
    'rescuePulse',
  ],
  loadRuns: ['epoch', 'rebuild', ...QUEUE, 'slots', 'holders'],
  finishRebuild: ['generation', 'epoch', 'rebuild', 'limits', 'slots', 'grantCounter'],
  settleFeatures: FEATURES,
  forceFeatures: FEATURES,
  readPresence: ['users', 'away'],
  markAway: ['away'],
} as const satisfies Record<string, readonly CapacityKey[]>;

/** Keys of every script about one user: the stream, and how fast the user writes and asks. */
export const USER_SCRIPTS = {
  takeMessage: ['chatRate'],
  countRequests: ['requestRate'],
  publishEvent: ['stream', 'meta', 'seen'],
  openStream: ['stream', 'meta', 'seen'],
} as const satisfies Record<string, readonly UserKey[]>;

/** Keys of every script about model providers. */
export const PROVIDER_SCRIPTS = {
  openProvider: ['opening', 'openings', 'probe'],
  reopenProvider: ['opening', 'probe'],
  closeProvider: ['opening', 'probe'],
  takeProbe: ['opening', 'probe'],
  releaseProbe: ['opening', 'probe'],
  readProvider: ['opening', 'probe'],
  reserveCall: ['rate'],
  takeRetry: ['retries', 'activeCalls', 'activeReports'],
} as const satisfies Record<string, ReadonlyArray<ProviderKey | ModelKey>>;

export type ProviderScript = keyof typeof PROVIDER_SCRIPTS;
export type CapacityScript = keyof typeof CAPACITY_SCRIPTS;
export type UserScript = keyof typeof USER_SCRIPTS;

/** `[rank, sequence, since, active users, max users, …more]` */
export type LevelReply = [
  rank: number,
  sequence: number,
  since: number,
  activeUsers: number,
  maxUsers: number,
  ...more: number[],
];

/** An open breaker of a provider. */
export type OpeningReply = [
  no: number,
  reason: string,
  by: string,
  openedAt: number,
  probeInMs: number,
  probing: number,
];

/** `[sequence, since, changes in the log, …state of each comfort, …force of each comfort]` */
export type FeaturesReply = [sequence: number, since: number, logged: number, ...comforts: string[]];

/** What each script answers; a bare number is a status (see refusal.ts) or, where the header says so, a count. */
export interface ScriptReplies {
  joinUsers: LevelReply;
  leaveUsers: LevelReply;
  refreshLevel: LevelReply | number;
  reportReplica: LevelReply;
  setLimits: LevelReply;
  readState:
    | [
        limits: string[],
        level: LevelReply,
        counts: number[],
        leader: string | null,
        estimate: string | null,
        reports: string[],
      ]
    | number;
  admitRuns: number[] | number;
  dequeueRuns: [queueLength: number, freeSlots: number, nextIn: number, granted: number, ...runs: string[]] | number;
  cancelRun: number;
  moveRun: number;
  readPositions: number[] | number;
  listQueue: string[] | number;
  renewSlots: number[] | number;
  releaseSlots: number;
  returnSlots: number;
  rescueSlots: string[] | number;
  readGrants: [now: number, ...runs: Array<string | number>];
  beginRebuild: number;
  loadRuns: number;
  finishRebuild: number;
  publishEvent: number;
  settleFeatures: FeaturesReply;
  forceFeatures: FeaturesReply;
  readPresence: number[];
  markAway: number;
  takeMessage: number;
  countRequests: number;
  openProvider: [opened: number, ...opening: OpeningReply];
  reopenProvider: number;
  closeProvider: number;
  takeProbe: [no: number, waitMs: number];
  releaseProbe: number;
  readProvider: OpeningReply | [];
  reserveCall: number;
  takeRetry: number;
  openStream: [epoch: string, offset: number, oldest: number, since: number];
}
