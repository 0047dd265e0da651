import { StepFailure } from '../steps/step-failure.ts';
import type { WebhookAnswer } from './pinned-request.ts';

/** Headers of an answer worth keeping; cookies and the like stay out of the record. */
const KEPT_HEADERS = ['content-type', 'etag', 'last-modified', 'x-request-id', 'x-correlation-id'] as const;
/** Nesting of a JSON answer at most; a deeper one is kept as text, so that nothing that walks it overflows. */
const MAX_DEPTH = 32;

export interface WebhookOutput {
  status: number;
  headers: Record<string, string>;
  /** JSON if it says so and is, else text; null: empty. */
  body: unknown;
}

/** The step's output; throws `StepFailure` for any status that is not 2xx. */
export function webhookOutput(answer: WebhookAnswer): WebhookOutput {
  const { status } = answer;
  if (status >= 300 && status < 400)
    throw new StepFailure(
      'webhook_answer',
      `The host answered with a redirect (status ${status}), and redirects are not followed.`,
    );
  if (status < 200 || status >= 400)
    throw new StepFailure('webhook_answer', `The host answered with status ${status}.`);
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = answer.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return { status, headers, body: parseBody(answer) };
}

function parseBody({ headers, text }: WebhookAnswer): unknown {
  if (text === '') return null;
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, MAX_DEPTH) ? text : value;
  } catch {
    return text;
  }
}

/** Walks with a list of its own instead of the call stack: 64 KiB of brackets nest tens of thousands of levels. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
