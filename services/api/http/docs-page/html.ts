const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A piece of HTML that needs no escaping any more. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | null | false | Part[];

/** Template tag: everything put in is escaped unless it is {@link Html}; lists are joined, nothing is nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(texts.map((text, index) => text + render(parts[index])).join(''));
}

function render(part: Part): string {
  if (part === undefined || part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A sentence whose `quoted` words are code. */
export function prose(text: string): Html {
  const parts = text.split(/`([^`]+)`/);
  return new Html(
    parts.map((part, index) => (index % 2 === 0 ? render(part) : `<code>${render(part)}</code>`)).join(''),
  );
}
