import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { Priority } from '../../../shared/workflow/priority.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';

/**
 * What the checker judges by: what clients saw, what the step side saw and what Postgres has in the end. All times are Unix ms of this
 * machine, whose one clock everybody reads.
 */
export interface Evidence {
  /** Runs that may hold a slot at once. */
  slotLimit: number;
  /** Length of a lease (ms). */
  leaseMs: number;
  starts: StartTry[];
  answers: Answer[];
  sockets: SocketStory[];
  runs: StoredRun[];
  checkpoints: Checkpoint[];
  effects: Effect[];
  faults: FaultStory[];
  rest: RestLook[];
}

/** One HTTP exchange, as the client saw it. */
export interface Answer {
  user: string;
  /** `start`, `cancel`, `read` … */
  kind: string;
  /** `nginx` or the id of a replica. */
  door: string;
  /** The replica that answered, where the answer says so. */
  replica: string | null;
  sentAt: number;
  /** When the answer, or its absence, was known. */
  at: number;
  /** 0: no answer (connection lost, or the client hung up). */
  status: number;
  /** Stable code of a refusal. */
  code: string | null;
  /** `Retry-After` (s). */
  retryAfter: number | null;
  runId: string | null;
  /** Status of the run, where the answer says one. */
  runStatus: RunStatus | null;
  /** The answer says that the run waits, and has no place in the queue yet. */
  unplaced: boolean;
}

/** One try of a start. All tries of one wish carry the same `wish`, which is also the payload, and the same key, if any. */
export interface StartTry extends Answer {
  wish: string;
  key: string | null;
  priority: Priority;
}

/** One socket, from the dial to its end. */
export interface SocketStory {
  user: string;
  openedAt: number | null;
  /** Where the client asked to go on. */
  asked: { epoch: string; offset: number } | null;
  /** As they came over the wire, before any client logic drops repeats. */
  frames: Array<{ at: number; frame: EventFrame }>;
  closedAt: number | null;
}

/** A row of `runs` after everything has ended. */
export interface StoredRun {
  id: string;
  user: string;
  /** What the client sent as payload. */
  wish: string | null;
  seq: number;
  priority: Priority;
  status: RunStatus;
  attempt: number;
  stepCount: number;
  startNo: number | null;
  acceptedAt: number;
  grantedAt: number | null;
  finishedAt: number | null;
}

/** A row of `run_steps`. */
export interface Checkpoint {
  runId: string;
  index: number;
  step: string;
  attempt: number;
  finishedAt: number;
  /** Number of the effect whose answer was kept; null: not a step that has one. */
  effect: number | null;
}

/** A call that reached the other side of a step. */
export interface Effect {
  /** From 1, in order of arrival; told to the caller, who keeps it as output of the step. */
  no: number;
  runId: string;
  step: string;
  at: number;
  /** When the answer was sent; null: the caller left before. */
  answeredAt: number | null;
  /** The line broke with the answer on it, so the caller cannot have it whole. */
  answerLost: boolean;
}

export interface FaultStory {
  name: string;
  /** Ends in `-frozen` where a process stood still and went on; begins with `link-webhook-` where calls of steps were held. */
  kind: string;
  target: string;
  appliedAt: number;
  /** When mending began: a frozen process goes on from here. */
  mendedAt: number;
  /** When everything was mended and ready again. */
  healedAt: number;
}

/** A look at the cluster after the last fault, when nothing is under way any more. */
export interface RestLook {
  at: number;
  /** Users that the cluster counts; null: it could not say. */
  counted: number | null;
  /** Users with a live socket. */
  connected: number;
  /** `lease_drift` as reported; null: nobody reports. */
  drift: number | null;
  /** Slots held though no run is under way. */
  slots: number | null;
}
