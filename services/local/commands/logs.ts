import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines } from '../processes/spawn-detached.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_LINES = 20;
/** Between two looks at the files (ms); a person does not notice. */
const POLL_MS = 250;

/** `make logs [PART=replica-1] [TAIL=20] [FOLLOW=0]`: the end of every log, then what is added, each line with its part in front. */
export async function logs(state: StateDir, environment: NodeJS.ProcessEnv): Promise<void> {
  const lines = Number(environment.TAIL || DEFAULT_LINES);
  if (!Number.isInteger(lines) || lines < 0)
    throw new UsageError(`TAIL must be a whole number, not "${environment.TAIL}".`);
  const only = environment.PART || undefined;
  const offsets = new Map<string, number>();
  for (const part of partsOf(state, only)) {
    offsets.set(part, sizeOf(state.log(part)));
    for (const line of lines === 0 ? [] : lastLines(state.log(part), lines).split('\n')) print(part, line);
  }
  if (offsets.size === 0)
    throw new UsageError(
      only === undefined
        ? `There are no logs in ${state.logDir} yet.`
        : `There is no log of "${only}" in ${state.logDir}.`,
      1,
    );
  while (environment.FOLLOW !== '0') {
    for (const part of partsOf(state, only))
      offsets.set(part, printFrom(state.log(part), offsets.get(part) ?? 0, part));
    await delay(POLL_MS);
  }
}

function partsOf(state: StateDir, only: string | undefined): string[] {
  try {
    const parts = readdirSync(state.logDir)
      .filter((file) => file.endsWith('.log'))
      .map((file) => file.slice(0, -'.log'.length));
    return parts.sort().filter((part) => only === undefined || part === only);
  } catch {
    return [];
  }
}

/** Prints whole lines after `offset`; answers where the next look begins. A file that shrank is read from its start. */
function printFrom(file: string, offset: number, part: string): number {
  const size = sizeOf(file);
  const from = size < offset ? 0 : offset;
  if (size === from) return from;
  const buffer = Buffer.alloc(size - from);
  const handle = openSync(file, 'r');
  readSync(handle, buffer, 0, buffer.length, from);
  closeSync(handle);
  const end = buffer.lastIndexOf('\n') + 1;
  for (const line of end === 0 ? [] : buffer.toString('utf8', 0, end - 1).split('\n')) print(part, line);
  return from + end;
}

function sizeOf(file: string): number {
  return statSync(join(file), { throwIfNoEntry: false })?.size ?? 0;
}

function print(part: string, line: string): void {
  if (line !== '') process.stdout.write(`${part.padEnd(10)} | ${line}\n`);
}
