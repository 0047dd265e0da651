/** What jsonb refuses although JSON allows it: U+0000 and lone surrogates, as `JSON.stringify` writes them; not after an odd backslash. */
const UNSTORABLE_ESCAPE = /(?<!\\)((?:\\\\)*)\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/g;

/**
 * `value` as text for a jsonb column; undefined becomes JSON `null`. Characters jsonb cannot hold become U+FFFD: payloads and outputs come
 * from strangers (people, models, web servers), and one of them must neither refuse a batch nor make a checkpoint impossible.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('\\u') ? text.replace(UNSTORABLE_ESCAPE, '$1\\ufffd') : text;
}
