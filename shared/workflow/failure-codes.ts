/** Why a step failed, as a stable code of the run's `error`. */
export const STEP_FAILURE_CODES = [
  'template_invalid',
  'llm_not_configured',
  'llm_unavailable',
  'llm_rejected',
  'llm_incomplete',
  'llm_timeout',
  'webhook_refused',
  'webhook_unreachable',
  'webhook_answer',
  'webhook_timeout',
  'internal',
] as const;
export type StepFailureCode = (typeof STEP_FAILURE_CODES)[number];

/** Every code of a run's `error`. `attempts_exhausted`: too many workers were lost over it. */
export const FAILURE_CODES = [...STEP_FAILURE_CODES, 'attempts_exhausted'] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];
