import type { Limits } from '../shared/protocol/http.ts';
import type { CapacityLevel, Comfort, ComfortCause } from '../shared/workflow/capacity-level.ts';
import type { Priority } from '../shared/workflow/priority.ts';

/** What the scripts answer, as discriminated unions. Times are Unix milliseconds of the Redis clock unless a name says otherwise. */

/** The generation key is gone (data lost): nothing may be decided until the leader has rebuilt the state from Postgres. */
export interface Rebuilding {
  kind: 'rebuilding';
}

/** The caller's leadership is over: a later epoch has been seen. */
export interface StaleEpoch {
  kind: 'stale_epoch';
}

export interface LevelState {
  level: CapacityLevel;
  /** Grows by one at every change; a listener announces a change only once by comparing it. */
  sequence: number;
  since: number;
  activeUsers: number;
  maxUsers: number;
}

/** Result per user of joining: `full` only beyond the hard limit and only for users without a lease. */
export interface UsersJoined {
  kind: 'joined';
  results: Array<'joined' | 'full'>;
  level: LevelState;
}

/** A run at the door, as Postgres has just stored it. */
export interface AdmitEntry {
  runId: string;
  /** `runs.seq`: breaks ties of `acceptedAt`. */
  seq: number;
  userId: string;
  workflowId: string;
  priority: Priority;
  /** `runs.accepted_at`, Unix ms. */
  acceptedAt: number;
  /** `runs.expires_at`, Unix ms; 0: the script sets now + the queue timeout. */
  expiresAt: number;
  /** `runs.attempt` before this admission; workers with an attempt ≤ this can no longer touch the slot. */
  attemptFloor: number;
  /**
   * True: the run was accepted before (its user has the 202) and comes back after an outage or from a reconcile. The
   * bounds of the queue do not apply to it, as refusing it now would lose it; it never answers `queue_full` or `user_queue_full`.
   */
  promised?: boolean;
}

export type AdmitResult =
  | { kind: 'started' }
  /** `alreadyKnown`: a repeat of an admission; nothing was changed. */
  | { kind: 'queued'; position: number; expiresAt: number; alreadyKnown: boolean }
  | { kind: 'queue_full' }
  | { kind: 'user_queue_full' };

export interface Admitted {
  kind: 'admitted';
  results: AdmitResult[];
  level: CapacityLevel;
  queueLength: number;
}

/** A run that has been given a slot, or lost its place. */
export interface QueueDeparture {
  runId: string;
  userId: string;
}

export interface Dequeued {
  kind: 'dequeued';
  granted: QueueDeparture[];
  expired: QueueDeparture[];
  queueLength: number;
  freeSlots: number;
  /** Milliseconds after which another call can do more although nothing else happens (pacing, next deadline); null: only an event can. */
  nextInMs: number | null;
}

/** What a worker finds in the ready list. */
export interface ReadyRun {
  runId: string;
  attemptFloor: number;
  grantedAt: number;
  /** Order of slot grants over the whole cluster; stored as `runs.start_no`. */
  grantNo: number;
}

/** Per run of a renewal: `lost` = another attempt owns it or it is gone: stop, neither write nor release. `cancelled` = its owner cancelled it: stop, then release. */
export type RenewResult = 'held' | 'lost' | 'cancelled';

export type CancelResult = { kind: 'removed_from_queue' } | { kind: 'running_told' } | { kind: 'unknown' };

export interface MoveResult {
  kind: 'moved' | 'unknown';
}

export interface QueuePosition {
  runId: string;
  /** From 1; null: not in the queue. */
  position: number | null;
  expiresAt: number | null;
}

export interface ReplicaReport {
  id: string;
  version: string;
  roles: string[];
  sockets: number;
  runs: number;
  eventLoopDelayMs: number;
  redisLatencyMs: number;
  /** It is about to end; left out: it is not. */
  draining?: boolean;
}

export interface CapacityState {
  kind: 'state';
  limits: Limits;
  level: LevelState;
  slotsHeld: number;
  readyLength: number;
  queueLength: number;
  leader: { replica: string; epoch: number } | null;
  replicas: ReplicaReport[];
  /** Curve of estimated waits by position as the leader last published it (see services/dispatcher/estimate.ts); null: not known. */
  estimate: EstimateCurve | null;
}

export interface EstimateCurve {
  /** Unix ms of the Redis clock at which the curve was made. */
  at: number;
  /** `seconds[i]`: estimated wait of position i + 1; positions beyond its end wait at least as long as its last entry. */
  seconds: number[];
  /** The same with the median and the 90th percentile of each workflow's service times: what a careful answer would lie between. */
  low?: number[];
  high?: number[];
}

/** One service time of a finished run. */
export interface ServiceSample {
  workflowId: string;
  ms: number;
}

/** A run and the attempt that touches its slot. */
export interface RunAttempt {
  runId: string;
  attempt: number;
}

/** A run that holds a slot, with the time since the grant by the Redis clock. */
export interface RunningGrant {
  runId: string;
  workflowId: string;
  elapsedMs: number;
}

/** A waiting run in the order of the queue. */
export interface QueuedRun {
  runId: string;
  workflowId: string;
  /** By what the queue is ordered, see `queueScore` (Unix ms). */
  score: number;
}

/** A run that Postgres calls running, for a rebuild. */
export interface RunningEntry {
  runId: string;
  seq: number;
  userId: string;
  workflowId: string;
  /** `runs.attempt`: the attempt that has claimed it. */
  attempt: number;
  /** `runs.granted_at` (Unix ms) and `runs.start_no`. */
  grantedAt: number;
  grantNo: number;
}

/**
 * Where a user's stream stands: `offset` of the newest event (0: none yet), `oldest` that is kept (`offset + 1`: none). Events after
 * `since` are of this epoch; those up to there, as far as they are kept, of the epochs before.
 */
export interface StreamPosition {
  epoch: string;
  offset: number;
  oldest: number;
  since: number;
}

/** What all replicas are told: `cancel` is for the worker of the run, `keep_trace` for whoever holds a part of a trace that has failed. */
export type ControlMessage =
  | { kind: 'cancel'; runId: string }
  | { kind: 'keep_trace'; traceId: string }
  | { kind: 'drain'; replica: string };

/** A model provider's breaker, opened for the whole cluster. */
export interface ProviderOpening {
  /** Number of this opening; what a probe finds out counts for this one only. */
  no: number;
  /** Class of the failure that opened it. */
  reason: string;
  /** Replica that opened it. */
  by: string;
  openedAt: number;
  /** Milliseconds until a probe is due; 0: it is. */
  probeInMs: number;
  /** A probe is under way. */
  probing: boolean;
}

/** What is known of a set of providers at one instant. */
export interface ProviderStates {
  /** By provider; those that are closed are not in it. */
  openings: Map<string, ProviderOpening>;
  /** Provider an administrator wants to be asked first. */
  forced: string | null;
}

export type ProbeResult =
  | { kind: 'taken'; no: number }
  /** Not due yet, or somebody else's is under way. Ask again after `ms` (at least 1). */
  | { kind: 'wait'; ms: number }
  /** The breaker is closed; nothing to probe. */
  | { kind: 'closed' };

/** One failed call, for operators. */
export interface ProviderFailure {
  at: number;
  kind: string;
  /** HTTP status; null: there was no answer. */
  status: number | null;
  replica: string;
}

/** An administrator's wish about a comfort. */
export interface FeatureForce {
  state: 'on' | 'off';
  /** End (Unix ms of the Redis clock); null: until released. */
  until: number | null;
  by: string;
}

export interface FeatureState {
  feature: Comfort;
  enabled: boolean;
  forced: FeatureForce | null;
}

/** The comforts as they are for the whole cluster. */
export interface FeaturesState {
  /** Grows with every change. */
  sequence: number;
  since: number;
  /** In the order in which they are shed. */
  features: FeatureState[];
  /** Changes that are not in Postgres yet. */
  logged: number;
}

/** A change of a comfort, on its way to Postgres. */
export interface FeatureChange {
  seq: number;
  at: number;
  feature: Comfort;
  enabled: boolean;
  forced: 'on' | 'off' | null;
  cause: ComfortCause;
  by: string;
  why: string;
  level: CapacityLevel;
}

/** What one replica tells the others about people at a run. */
export type RunWord =
  | { kind: 'typing'; userId: string; typing: boolean }
  | { kind: 'read'; userId: string; seq: number };

export type PresenceStatus = 'offline' | 'online' | 'away';
