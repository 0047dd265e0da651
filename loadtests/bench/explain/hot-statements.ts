import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Postgres } from '../../../db/postgres.ts';
import { ChatMessages } from '../../../db/repositories/chat-messages.ts';
import { ChatParticipants } from '../../../db/repositories/chat-participants.ts';
import { createRuns, type Runs } from '../../../db/repositories/runs.ts';
import type { NewRun } from '../../../db/repositories/runs-insertion.ts';
import { Workflows } from '../../../db/repositories/workflows.ts';
import { BUSY_USER } from './fill.ts';

/** Runs in one statement, where it takes several: what arrives in one moment under load. */
const BATCH = 40;
/** A page, and how many a snapshot, the queue's list and the leader read at once. */
const PAGE = 20;
const LEADER_PAGE = 1_000;

/** Calls every method of the repositories about runs, chats and workflows that is on a hot path, once, with what it meets in a busy cluster. */
export async function callAll(postgres: Postgres, sql: pg.Client): Promise<void> {
  const called = new Set<string>();
  const all = createRuns(postgres);
  const runs = new Proxy(all, {
    get(target, method: keyof Runs & string) {
      called.add(method);
      return target[method];
    },
  });
  const idsOf = async (status: string, amount: number): Promise<string[]> => {
    const { rows } = await sql.query<{ id: string }>(
      `SELECT id FROM (SELECT id FROM runs WHERE status = $1 ORDER BY seq DESC LIMIT 50000) r ORDER BY md5(id::text) LIMIT $2`,
      [status, amount],
    );
    return rows.map(({ id }) => id);
  };
  const oneOf = async (status: string) => (await idsOf(status, 1))[0] ?? '';

  const workflows = new Workflows(postgres);
  const [workflow] = await workflows.list({ limit: PAGE });
  if (workflow === undefined) throw new Error('there are no workflows');
  await workflows.get(workflow.id);

  const newRun = (idempotencyKey: string | null): NewRun => ({
    id: randomUUID(),
    userId: BUSY_USER,
    workflowId: workflow.id,
    workflowName: workflow.name,
    stepCount: 2,
    priority: 'normal',
    payload: { topic: 'weirs' },
    requestHash: 'hash',
    idempotencyKey,
    correlationId: 'bench',
    maxAttempts: 3,
    queueTimeoutSeconds: 300,
  });
  const batch = (key: () => string | null) => Array.from({ length: BATCH }, () => newRun(key()));
  const fresh = batch(() => null);
  await runs.insertBatch(fresh);
  await runs.removeRefused(fresh.map(({ id }) => id));
  const keyed = batch(randomUUID);
  await runs.insertBatch(keyed);
  await runs.insertBatch(keyed.map((item) => ({ ...item, id: randomUUID() })));
  for (const { id } of keyed.slice(0, 5)) await runs.promise(id);

  const ended = await oneOf('succeeded');
  await runs.get(ended);
  await runs.steps(ended);
  await runs.getMany(await idsOf('queued', PAGE));
  await runs.list({ userId: BUSY_USER, limit: PAGE });
  await runs.list({ userId: BUSY_USER, status: 'running', limit: PAGE });
  await runs.list({ userId: null, limit: PAGE });
  await runs.active(BUSY_USER);
  await runs.longestWait();
  await runs.queuedAll({ limit: LEADER_PAGE });
  await runs.runningAll();
  await runs.maxStartNo();

  const claim = (runId: string) => ({ runId, worker: 'bench', grantNo: 2_000_000, grantedAt: Date.now() });
  await runs.claim((await idsOf('running', BATCH)).map(claim));
  const claimed = await idsOf('queued', BATCH);
  await runs.claim(claimed.map(claim));
  await runs.claim([claim(ended)]);
  const step = { attempt: 1, index: 0, name: 'draft', type: 'llm' as const, output: 'text', usage: null };
  await Promise.all(claimed.map((runId) => runs.saveStepState(runId, 1, { sent: true }, { step: 0 })));
  await Promise.all(claimed.map((runId) => runs.checkpoint({ runId, ...step, startedAt: new Date() })));
  await runs.handBack(claimed.slice(0, 10).map((runId) => ({ runId, attempt: 1 })));
  const lastStep = { index: 1, name: 'rest', type: 'delay' as const, usage: null, startedAt: new Date() };
  const end = { attempt: 1, status: 'succeeded' as const, result: 'text', error: null, lastStep };
  for (let time = 0; time < 2; time++) await Promise.all(claimed.map((runId) => runs.finish({ runId, ...end })));

  await runs.cancel(await oneOf('queued'), null);
  await runs.setPriority(await oneOf('queued'), 'high');
  const failed = await oneOf('failed');
  await runs.retry(failed, null, { maxAttempts: 3, queueTimeoutSeconds: 300 });
  await runs.undoRetry(failed);
  await runs.timeOut(await idsOf('queued', BATCH));

  await callChat(postgres, sql);
  const missed = Object.keys(all).filter((method) => !called.has(method));
  if (missed.length > 0) throw new Error(`not explained: runs.${missed.join(', runs.')}`);
}

async function callChat(postgres: Postgres, sql: pg.Client): Promise<void> {
  const { rows } = await sql.query<{ id: string; owner: string }>(
    'SELECT r.id, r.user_id AS owner FROM chats c JOIN runs r ON r.id = c.run_id ORDER BY c.updated_at DESC LIMIT 1',
  );
  const { id, owner } = rows[0] ?? { id: '', owner: '' };
  const messages = new ChatMessages(postgres);
  const participants = new ChatParticipants(postgres);
  await participants.access(id, owner);
  await participants.list(id);
  await participants.chatsOf('guest-20', { limit: PAGE });
  await participants.markRead([{ runId: id, userId: owner, seq: 5 }]);
  await messages.post({ runId: id, sender: owner, clientId: randomUUID(), body: 'Hello' });
  await messages.page(id, { limit: PAGE });
  await messages.after(id, 2, PAGE);
  await messages.undelivered(1_000, PAGE);
}
