import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessRef } from './process-ref.ts';
import { lastLines } from './spawn-detached.ts';

/** Between two looks (ms): short enough that starting feels immediate, long enough to cost nothing. */
const POLL_MS = 20;

export interface ReadyOptions {
  /** For the error message, such as "Postgres". */
  name: string;
  logFile: string;
  timeoutMs: number;
  isReady: () => boolean | Promise<boolean>;
}

/** Waits until a started process serves; rejects with the end of its log when it dies or takes too long. */
export async function untilReady(ref: ProcessRef, options: ReadyOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  while (!(await options.isReady())) {
    if (!isAlive(ref)) throw new Error(`${options.name} ended while starting. ${logTail(options.logFile)}`);
    if (performance.now() > deadline) {
      throw new Error(`${options.name} was not ready after ${options.timeoutMs / 1000} s. ${logTail(options.logFile)}`);
    }
    await delay(POLL_MS);
  }
}

function logTail(logFile: string): string {
  return `The end of ${logFile}:\n${lastLines(logFile, 15)}`;
}
