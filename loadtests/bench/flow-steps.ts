/** The seven steps of a user, in order; each as the text of a request. */
export const STEPS = ['health', 'root', 'create', 'get workflow', 'trigger', 'get run', 'list runs'] as const;

const WORKFLOW = JSON.stringify({
  name: 'bench',
  description: 'What a user stores, starts and looks at.',
  steps: [{ name: 'wait', type: 'delay', config: { duration: 0 } }],
});

/** What the steps before have answered. */
export interface Known {
  workflowId: string;
  runId: string;
}

/** `token`: of the user; health and root are asked without. */
export function requestOf(step: (typeof STEPS)[number], token: string, { workflowId, runId }: Known): string {
  switch (step) {
    case 'health':
      return get('/health');
    case 'root':
      return get('/');
    case 'create':
      return post('/api/v1/workflows', token, WORKFLOW);
    case 'get workflow':
      return get(`/api/v1/workflows/${workflowId}`, token);
    case 'trigger':
      return post('/api/v1/trigger', token, `{"workflow_id":"${workflowId}","payload":{"question":"how fast?"}}`);
    case 'get run':
      return get(`/api/v1/runs/${runId}`, token);
    case 'list runs':
      return get('/api/v1/runs?limit=50', token);
  }
}

function get(path: string, token?: string): string {
  const proof = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return `GET ${path} HTTP/1.1\r\nHost: weir\r\n${proof}\r\n`;
}

/** `body`: ASCII. */
function post(path: string, token: string, body: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
