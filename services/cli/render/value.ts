import { isDeepStrictEqual } from 'node:util';
import { printable } from './printable.ts';

/** A result as lines: text as text, everything else as indented JSON; null and undefined are no lines. */
function valueLines(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return printable(text).trimEnd().split('\n');
}

/** As {@link valueLines}, but nothing when the result is the output of the last step: that has been shown. */
export function resultLines(result: unknown, steps: readonly { output: unknown }[] | undefined): string[] {
  const last = steps?.at(-1);
  return last !== undefined && isDeepStrictEqual(last.output, result) ? [] : valueLines(result);
}
