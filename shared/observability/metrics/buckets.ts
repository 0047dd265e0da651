/** Upper bounds of histograms, in seconds. */

/** What a person waits for in one go: from a cached answer to a request that is about to be given up. */
export const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Up to the longest wait in the queue unless the settings say otherwise. */
export const WAIT_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Runs: from a single short step to an hour-long delay. */
export const RUN_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];
