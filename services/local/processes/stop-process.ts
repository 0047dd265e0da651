import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessRef } from './process-ref.ts';

/** Sends a signal to exactly this process; false: it is gone (whoever has its number now is left alone). */
export function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): boolean {
  if (!isAlive(ref)) return false;
  try {
    return process.kill(ref.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Asks a process to end and waits; after `graceMs` it is killed. Resolves when it is gone: 'gone' = it was not running,
 * 'stopped' = it ended by itself, 'killed' = it had to be forced.
 */
export async function stopProcess(
  ref: ProcessRef,
  options: { signal: NodeJS.Signals; graceMs: number },
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!signalProcess(ref, options.signal)) return 'gone';
  // A frozen process would never see it.
  signalProcess(ref, 'SIGCONT');
  if (await untilGone(ref, options.graceMs)) return 'stopped';
  signalProcess(ref, 'SIGKILL');
  if (!(await untilGone(ref, 10_000))) throw new Error(`Process ${ref.pid} does not end, not even when killed.`);
  return 'killed';
}

/** {@link stopProcess} for several at once. */
export async function stopAll(
  refs: readonly ProcessRef[],
  options: { signal: NodeJS.Signals; graceMs: number },
): Promise<void> {
  await Promise.all(refs.map((ref) => stopProcess(ref, options)));
}

/** True when the process ended within `timeoutMs`. */
export async function untilGone(ref: ProcessRef, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(ref)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}
