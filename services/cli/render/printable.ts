/**
 * Text of strangers (workflow names, model output, messages) made safe for a terminal: escape sequences could move the
 * cursor, rename the window or fake an answer of ours. Keeps line feeds and tabs, drops every other control character
 * and the marks that turn the reading direction.
 */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(UNSAFE, '');
}

/** As {@link printable}, on one line and no longer than `width` characters. */
export function printableLine(text: string, width = Number.POSITIVE_INFINITY): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

const UNSAFE = /(?![\n\t])\p{Cc}|\p{Bidi_Control}/gu;
