/** Lines of a webhook's answer that are shown; the rest is in `weir show --json`. */
const MAX_BODY_LINES = 12;

/**
 * Output of a finished step as text to show: a model's text whole, a webhook's answer as status and the beginning of its
 * body; a delay has none worth showing.
 */
export function outputText(step: { type: string; output: unknown }): string {
  const { type, output } = step;
  if (type === 'delay' || output === null || output === undefined) return '';
  if (typeof output === 'string') return output;
  if (type !== 'webhook' || typeof output !== 'object') return JSON.stringify(output, null, 2);
  const { status, body } = output as { status?: unknown; body?: unknown };
  const text =
    typeof body === 'string' ? body : body === null || body === undefined ? '' : JSON.stringify(body, null, 2);
  const lines = text.trimEnd() === '' ? [] : text.trimEnd().split('\n');
  const more = lines.length > MAX_BODY_LINES ? [`… ${lines.length - MAX_BODY_LINES} more lines`] : [];
  return [`status ${String(status)}`, ...lines.slice(0, MAX_BODY_LINES), ...more].join('\n');
}
