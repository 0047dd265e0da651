import type { RunAnswer, TriggerAnswer } from '../../shared/protocol/http.ts';
import { TEXTS } from '../../shared/protocol/texts.ts';
import type { Findings } from './criteria.ts';
import { type Crowd, EXISTING_SECONDS } from './crowd.ts';
import { until } from './until.ts';
import type { Witness } from './witness.ts';

/** Everybody is told of a level within this (ms). */
const TOLD_MS = 3_000;
/** A run is over within this (ms). */
const RUN_LIMIT_MS = 40_000;
/** Two replicas take two runs at once: which of them notes its start first says nothing (ms). */
const AT_ONCE_MS = 150;

export interface Started {
  owner: Witness;
  answer: TriggerAnswer;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

export function startAll(crowd: Crowd, workflowId: string, count: number): Promise<Started[]> {
  return Promise.all(
    upTo(count).map(async (n) => {
      const owner = crowd.person(n);
      return { owner, answer: await owner.api.trigger({ workflow_id: workflowId, payload: {} }) };
    }),
  );
}

/** Waits for the ends; whatever does not end in time comes as it is. */
export function ended(crowd: Crowd, started: readonly Started[]): Promise<RunAnswer[]> {
  return Promise.all(
    started.map(async ({ owner, answer }) => {
      await until(() => owner.heardOf('WORKFLOW_COMPLETED', answer.run_id).length > 0, RUN_LIMIT_MS);
      return crowd.admin.getRun(answer.run_id);
    }),
  );
}

/** 19 users, nine runs; then the 20th, a start for the last slot, and fifteen more at once. */
export async function theTwentieth(
  crowd: Crowd,
  findings: Findings,
): Promise<{ existing: Started[]; waiting: Started[] }> {
  await crowd.joinAll(1, 19);
  const existing = await startAll(crowd, crowd.workflows.existing, 9);
  findings.check(
    'queued',
    existing.every(({ answer }) => answer.queue === null),
    'somebody had to wait at 19 users',
  );
  const early = crowd.people.filter((person) => person.heard('CAPACITY_WARNING').length > 0).length;
  findings.check('warned', early === 0, `${early} were warned at 19 users`);

  await crowd.join(20);
  const warned = () => crowd.people.filter((person) => person.heard('CAPACITY_WARNING').length === 1).length;
  await until(() => warned() === 20, TOLD_MS);
  findings.check('warned', warned() === 20, `${warned()} of 20 were warned`);

  // One slot is free: what makes this one wait is the crowd alone.
  const owner = crowd.person(10);
  const tenth = { owner, answer: await owner.api.trigger({ workflow_id: crowd.workflows.existing, payload: {} }) };
  findings.check('queued', tenth.answer.queue !== null, 'a start at 20 users did not have to wait');
  await until(() => owner.heardOf('WORKFLOW_STARTING', tenth.answer.run_id).length > 0, TOLD_MS);
  existing.push(tenth);

  const waiting = await startAll(crowd, crowd.workflows.short, 15);
  // A place in an answer is of that moment; while nobody moves, the queue itself tells the order.
  const order = await placesOf(waiting);
  findings.check(
    'queued',
    String(order.map(({ place }) => place)) === String(upTo(15)),
    `places: ${order.map(({ place }) => place)}`,
  );
  const sentences = new Set(waiting.map(({ answer }) => answer.message));
  findings.check(
    'warned',
    [...sentences].join() === TEXTS.highDemand,
    `starts were answered with: ${[...sentences].join(' / ')}`,
  );
  return { existing, waiting: order };
}

async function placesOf(waiting: readonly Started[]): Promise<Array<Started & { place: number }>> {
  const all = waiting.map(async (started) => {
    const { items } = await started.owner.api.queue();
    return { ...started, place: items.find((item) => item.run_id === started.answer.run_id)?.position ?? 0 };
  });
  return (await Promise.all(all)).sort((one, other) => one.place - other.place);
}

/** Two who talk, then the 23rd user, then thirty. */
export async function theTwentyThird(crowd: Crowd, findings: Findings, chatRun: Started): Promise<void> {
  const [ann, bob] = [chatRun.owner, crowd.person(2)];
  const run_id = chatRun.answer.run_id;
  await ann.api.chats.invite(run_id, bob.who.userId);
  for (const person of [ann, bob]) person.connection.send({ type: 'CHAT_OPEN', data: { run_id } });
  await until(() => bob.heard('CHAT_STATE').length > 0 && ann.heard('CHAT_STATE').length > 0, TOLD_MS);
  const type = () => ann.connection.send({ type: 'TYPING', data: { run_id, typing: true } });
  type();
  const seen = await until(() => bob.heard('CHAT_TYPING').length > 0, TOLD_MS);
  findings.check('shed', seen, 'typing was not even shown at 20 users');

  await crowd.joinAll(21, 22);
  const early = crowd.people.filter((person) => person.heard('DEGRADED_MODE_ACTIVE').length > 0).length;
  findings.check('shed', early === 0, `${early} were told of degraded mode at 22 users`);
  await crowd.join(23);
  const told = () => crowd.people.filter((person) => person.heard('DEGRADED_MODE_ACTIVE').length === 1).length;
  await until(() => told() === 23, TOLD_MS);
  findings.check('shed', told() === 23, `${told()} of 23 were told of degraded mode`);
  const disabled = bob.heard('DEGRADED_MODE_ACTIVE')[0]?.data.disabled ?? [];
  findings.check(
    'shed',
    ['typing', 'presence', 'read_receipts'].every((name) => disabled.some((off) => off === name)),
    `off: ${disabled}`,
  );

  const before = bob.heard('CHAT_TYPING').length;
  type();
  await ann.api.chats.send(run_id, { client_message_id: crypto.randomUUID(), text: 'still here?' });
  const delivered = await until(() => bob.heard('CHAT_MESSAGE').length === 1, TOLD_MS);
  findings.check('core', delivered, 'a chat message was not delivered in degraded mode');
  findings.check('shed', bob.heard('CHAT_TYPING').length === before, 'typing was still shown at 23 users');

  await crowd.joinAll(24, 30);
  const all = () => crowd.people.filter((person) => person.heard('CAPACITY_WARNING').length === 1).length;
  await until(() => all() === 30, TOLD_MS);
  findings.check('warned', all() === 30, `${all()} of 30 were warned once`);
}

/** What waited (in its order) starts in it, what ran has run to its end. */
export async function theQueue(
  crowd: Crowd,
  findings: Findings,
  existing: Started[],
  waiting: Started[],
): Promise<void> {
  const before = await ended(crowd, existing);
  for (const run of before) {
    const seconds = (Date.parse(run.finished_at ?? '') - Date.parse(run.started_at ?? '')) / 1_000;
    const normally = run.status === 'succeeded' && run.attempt === 1 && seconds < EXISTING_SECONDS + 2;
    findings.check('continue', normally, `${run.id} is ${run.status} after ${seconds} s, attempt ${run.attempt}`);
  }
  const runs = await ended(crowd, waiting);
  findings.check(
    'core',
    runs.every(({ status }) => status === 'succeeded'),
    `ends: ${runs.map(({ status }) => status)}`,
  );
  const times = runs.map((run) => Date.parse(run.started_at ?? ''));
  const late = times.findIndex((time, n) => !(time >= Math.max(...times.slice(0, n), 0) - AT_ONCE_MS));
  findings.check('in_order', late === -1, `number ${late + 1} started before one that was in front of it`);
  for (const { owner, answer } of [...existing, ...waiting]) {
    const told = owner.heardOf('WORKFLOW_STARTING', answer.run_id).map(({ data }) => data.message);
    findings.check('notified', String(told) === TEXTS.starting, `${answer.run_id}: ${told.join(' / ') || 'nothing'}`);
  }
  for (const { owner, answer } of waiting) {
    const queued = owner.heardOf('WORKFLOW_QUEUED', answer.run_id).length;
    findings.check('queued', queued === 1, `${answer.run_id}: WORKFLOW_QUEUED ${queued} times`);
  }
}
