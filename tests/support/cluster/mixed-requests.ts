import type { Request } from './steady-traffic.ts';

/** What a crowd asks for, in turns: reading, and starts with and without a key, each with a payload of its own. */
export function mixedRequests(to: { url: string; token: string; workflowId: string }): Request {
  const { url, token, workflowId: workflow_id } = to;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const start = (n: number, key: Record<string, string>) => ({
    url: `${url}/api/v1/trigger`,
    init: { method: 'POST', headers: { ...headers, ...key }, body: JSON.stringify({ workflow_id, payload: { n } }) },
  });
  const list: Request = () => ({ kind: 'list', url: `${url}/api/v1/runs?limit=5`, init: { headers } });
  const status: Request = () => ({ kind: 'status', url: `${url}/api/v1/system/status` });
  const workflow: Request = () => ({
    kind: 'workflow',
    url: `${url}/api/v1/workflows/${workflow_id}`,
    init: { headers },
  });
  const keyed: Request = (n) => ({ kind: 'start with key', ...start(n, { 'Idempotency-Key': `key-${n}` }) });
  const unkeyed: Request = (n) => ({ kind: 'start', ...start(n, {}) });
  const turns = [list, status, keyed, workflow, status, list, status, unkeyed, workflow, status];
  return (n) => (turns[n % turns.length] as Request)(n);
}
