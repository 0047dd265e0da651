/** What a test in the browser waits for at most before it says that it never came (ms). Long, as a machine without time may need many seconds; costs nothing when all is well. */
export const PATIENCE_MS = 45_000;
/** Of a whole test (ms): several waits that each need long. */
export const TEST_MS = 240_000;
