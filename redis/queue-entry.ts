/** What the hash `entries` says of a run; its first part also begins the run's member in the queue (see includes/queueMember.lua). */
export function queueEntry(run: { seq: number; workflowId: string; userId: string }, attemptFloor: number): string {
  // 16 digits hold every safe integer, and padded numbers sort as text the way they do as numbers.
  return `${String(run.seq).padStart(16, '0')}:${attemptFloor}:${run.workflowId}:${run.userId}`;
}
