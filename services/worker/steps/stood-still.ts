/** A timer that fires this much too late (ms) was missed by us: the process or its machine stood still, and what came meanwhile is not read yet. */
export const STOOD_STILL_MS = 500;
