import { hasPlaceholder, renderTemplate, type TemplateScope } from '../../../shared/workflow/template.ts';
import { StepFailure } from '../steps/step-failure.ts';

/** Scheme and authority, then path, query and fragment; as WHATWG reads http URLs, where a backslash is a slash. */
const PARTS = /^(https?:\/\/[^/\\?#]*)([^?#]*)(.*)$/is;
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;

/**
 * The URL of a call: placeholders in path and query are filled in, percent-encoded so that a value stays the one part it
 * was written for. Scheme and host come from the definition alone: whoever starts a run must not choose where it calls.
 */
export function webhookUrl(template: string, scope: TemplateScope): URL {
  const [, origin, path, rest] = PARTS.exec(template) ?? [];
  if (origin === undefined || path === undefined || rest === undefined)
    throw new StepFailure('webhook_refused', 'The URL is not http or https.');
  if (hasPlaceholder(origin) || origin.includes('{'))
    throw new StepFailure('webhook_refused', 'The host of the URL must not come from a template.');
  const filled = renderTemplate(path, scope, encode);
  // A value of ".." would climb to another path of the host.
  if (filled !== path && filled.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) {
    throw new StepFailure('webhook_refused', 'The path of the URL must not contain "." or ".." parts.');
  }
  const url = parse(origin + filled + renderTemplate(rest, scope, encode));
  if (url.username !== '' || url.password !== '')
    throw new StepFailure('webhook_refused', 'The URL must not contain a user name or password.');
  return url;
}

/** Half a surrogate pair has no UTF-8 and would throw. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new StepFailure('webhook_refused', 'The URL is not valid.', { cause });
  }
}
