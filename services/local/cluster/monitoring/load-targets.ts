/** In the state folder: where load tests that are running can be looked at, for Prometheus. Missing: none is running. */
export const LOAD_TARGETS_FILE = 'load-targets.json';
