/**
 * Postgres array literals, to be cast in the statement (`$1::uuid[]`). The driver makes them too, at twice the cost: it looks at every
 * element's type and escapes each one; here the caller knows what is in the column.
 */

/** Of values without quotes, backslashes, commas, braces or spaces: numbers, UUIDs, hex digests, words of ours. */
export function plainArray(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`;
}

/** Of any text; null is NULL. U+0000, which Postgres cannot store, becomes U+FFFD: one such text must not refuse a whole batch. */
export function textArray(values: readonly (string | null)[]): string {
  let literal = '{';
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? null;
    if (index > 0) literal += ',';
    if (value === null) literal += 'NULL';
    else literal += `"${NEEDS_ESCAPE.test(value) ? escapeElement(value) : value}"`;
  }
  return `${literal}}`;
}

/**
 * Of JSON texts as `JSON.stringify` makes them, without control characters: quoting such a text as a JSON string is what an element of a
 * literal needs, too, and the engine does it in half the time of {@link textArray}.
 */
export function jsonTextArray(texts: readonly string[]): string {
  return `{${texts.map((text) => JSON.stringify(text)).join(',')}}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what is looked for.
const NEEDS_ESCAPE = /[\\"\u0000]/;

function escapeElement(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\u0000', '\ufffd');
}
