import type { QueuePlace, RunAnswer } from '../../../shared/protocol/http.ts';
import type { RunStatus } from '../../../shared/workflow/run-state.ts';

/** A step as far as it is known: the definition may be out of reach, then index or kind are null. */
export interface StepFacts {
  name: string;
  /** From 0. */
  index: number | null;
  kind: string | null;
}

/** How a run ended. `run` is the server's last word; null when it could not be asked any more. */
export interface Ending {
  status: RunStatus;
  message: string;
  reason: string | null;
  step: string | null;
  result: unknown;
  run: RunAnswer | null;
}

/** What a watcher tells about one run, in order, each thing once: the frames and answers behind it may repeat. */
export type WatchUpdate =
  | { kind: 'waiting'; message: string; place: QueuePlace | null }
  | { kind: 'starting'; message: string; attempt: number }
  | { kind: 'step_started'; step: StepFacts }
  | { kind: 'step_ended'; step: StepFacts; succeeded: boolean; durationMs: number | null }
  /** Model output as it comes, or the output of a finished step at once. `restart`: what was shown of the step is void. */
  | { kind: 'output'; step: StepFacts; text: string; restart: boolean }
  | { kind: 'notice'; tone: 'warning' | 'good'; message: string }
  | { kind: 'ended'; ending: Ending };
