import { printable } from './printable.ts';

/** A result or step output as lines: text as text, everything else as indented JSON; null and undefined are no lines. */
export function valueLines(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return printable(text).trimEnd().split('\n');
}
