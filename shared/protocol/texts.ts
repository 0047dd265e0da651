/** Sentences shown to people, in one place. Those marked "story" are kept word for word. */
export const TEXTS = {
  /** story */ highDemand: 'High demand - new workflows may be delayed',
  /** story */ starting: 'Your workflow is starting',
  /** story */ providerSwitched: 'Using alternative provider - responses may vary slightly',
  queued: 'Your workflow is waiting for its turn',
  continuing: 'Your workflow continues after an interruption',
  queueTimeout: 'Your workflow waited too long and was not started. Please start it again',
  completed: 'Your workflow is finished',
  failed: 'Your workflow has failed',
  cancelled: 'Your workflow was cancelled',
  degraded: 'Very high demand - some live features are paused, your workflows go on',
  degradedCleared: 'All features are back',
  capacityNormal: 'Demand is back to normal',
  draining: 'This server is restarting - you will be reconnected in a moment',
  providerRestored: 'The usual provider is back',
} as const;
