/**
 * The reference of flow.ts: bare Express, nothing stored, nobody asked who he is. Every answer is an object that is there already, of the shape and
 * size of ours; a list has as many runs as the second argument says. Started as a process of its own with the port as first argument.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';

const [port = 0, listed = 1] = process.argv.slice(2).map(Number);
const id = randomUUID();
const at = new Date().toISOString();
const workflow = {
  id,
  name: 'bench',
  description: 'What a user stores, starts and looks at.',
  steps: [{ name: 'wait', type: 'delay', config: { duration: 0 } }],
  created_by: 'user-1',
  created_at: at,
};
const queue = { position: 17, estimated_wait_seconds: 4.2, expires_at: at };
const run = {
  id,
  workflow_id: id,
  workflow_name: 'bench',
  user_id: 'user-1',
  status: 'queued',
  priority: 'normal',
  payload: { question: 'how fast?' },
  attempt: 0,
  current_step: 0,
  step_count: 1,
  result: null,
  error: null,
  accepted_at: at,
  expires_at: at,
  started_at: null,
  finished_at: null,
  correlation_id: id,
  queue,
};
const page = { items: Array.from({ length: listed }, () => run), next_cursor: null };
const whole = { ...run, steps: [], usage: null };
const root = {
  name: 'weir',
  version: '0',
  links: { documentation: '/api/v1/docs', health: '/health', ready: '/ready' },
};

const app = express();
app.use(express.json());
app.get('/ready', (_request, response) => void response.json({ ready: true }));
app.get('/health', (_request, response) => void response.json({ status: 'ok', version: '0', uptime_seconds: 1 }));
app.get('/', (_request, response) => void response.json(root));
app.post('/api/v1/workflows', (_request, response) => void response.status(201).json(workflow));
app.get('/api/v1/workflows/:id', (_request, response) => void response.json(workflow));
app.post('/api/v1/trigger', (_request, response) => {
  response.status(202).json({ run_id: id, status: 'queued', queue, message: 'Your run waits.' });
});
app.get('/api/v1/runs/:id', (_request, response) => void response.json(whole));
app.get('/api/v1/runs', (_request, response) => void response.json(page));
// As long a line of connections as ours has.
createServer(app).listen({ port, host: '127.0.0.1', backlog: 4_096 });
