import { validateHeaderValue } from 'node:http';
import { renderTemplate, type TemplateScope } from '../../../shared/workflow/template.ts';
import { StepFailure } from '../steps/step-failure.ts';

/** Headers that describe the connection or the message's frame: setting them could smuggle a second request or another host. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect', 'te', 'trailer', 'keep-alive'],
  ...['proxy-authorization', 'proxy-connection', 'http2-settings'],
]);

/** A step's headers, names in lower case, values filled in and checked. */
export function webhookHeaders(templates: Record<string, string>, scope: TemplateScope): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    const key = name.toLowerCase();
    if (RESERVED.has(key)) throw new StepFailure('webhook_refused', `The header "${name}" cannot be set.`);
    const value = renderTemplate(template, scope);
    try {
      validateHeaderValue(key, value);
    } catch (cause) {
      throw new StepFailure(
        'webhook_refused',
        `The value of the header "${name}" has characters that a header cannot carry.`,
        { cause },
      );
    }
    headers[key] = value;
  }
  return headers;
}
