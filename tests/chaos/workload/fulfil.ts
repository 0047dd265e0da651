import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, StartTry } from '../evidence/evidence.ts';
import type { Door, Visitor } from './visitor.ts';
import type { Wish } from './wish.ts';

/** Of clients that repeat: how long they go on, and the longest they wait though told to wait longer (ms). */
const REPEATS_FOR_MS = 45_000;
const LONGEST_WAIT_MS = 2_000;
/** Of clients that do not wait: what a click takes. Without it one of them would send thousands of times through an outage. */
const IMPATIENT_PAUSE_MS = 50;
const PATIENCE_MS = 15_000;
/** A wish with `socket: 'left'` takes the user away for this long (ms). */
const AWAY_MS = 4_000;

export interface World {
  doors: readonly Door[];
  workflowId: (wish: Wish) => string;
  starts: StartTry[];
  answers: Answer[];
}

/** Sends one wish the way its user would, and what follows. Resolves when nothing of it is under way any more. */
export async function fulfil(wish: Wish, visitor: Visitor, world: World): Promise<void> {
  if (wish.socket === 'dropped') visitor.dropSocket();
  const away = wish.socket === 'left' ? visitor.leave(AWAY_MS) : undefined;
  const runId = await startRun(wish, visitor, world);
  if (runId !== null && wish.next !== 'nothing') {
    await delay(wish.nextAfterMs);
    const path = `/api/v1/runs/${runId}`;
    const request = { kind: wish.next, door: door(world, wish.otherDoor), patienceMs: PATIENCE_MS };
    const answer = await visitor.ask(
      wish.next === 'cancel'
        ? { ...request, method: 'POST', path: `${path}/cancel` }
        : { ...request, method: 'GET', path },
    );
    world.answers.push({ ...answer, runId });
  }
  await away;
}

/** Resolves to the run; null: it was refused, or nobody knows. */
async function startRun(wish: Wish, visitor: Visitor, world: World): Promise<string | null> {
  const { manner } = wish;
  const doors = manner === 'impatient' ? [wish.door, wish.otherDoor] : [wish.door];
  const patienceMs = manner === 'impatient' ? wish.hangUpMs : PATIENCE_MS;
  const deadline = performance.now() + REPEATS_FOR_MS;
  for (let round = 0; ; round++) {
    const tries = doors.map((index) =>
      tryOnce(wish, visitor, world, door(world, index + round), patienceMs * (round + 1)),
    );
    const answers = await Promise.all(tries);
    const accepted = answers.find(({ runId }) => runId !== null);
    if (accepted !== undefined) return accepted.runId;
    const isFinal = answers.every(({ status }) => status >= 400 && status !== 503);
    if (manner === 'once' || isFinal || performance.now() > deadline) return null;
    const wishedMs = Math.max(...answers.map(({ retryAfter }) => (retryAfter ?? 0) * 1_000));
    await delay(manner === 'patient' ? Math.min(LONGEST_WAIT_MS, Math.max(200, wishedMs)) : IMPATIENT_PAUSE_MS);
  }
}

async function tryOnce(wish: Wish, visitor: Visitor, world: World, at: Door, patienceMs: number): Promise<StartTry> {
  const key = wish.manner === 'once' ? null : wish.id;
  const answer = await visitor.ask({
    kind: 'start',
    door: at,
    method: 'POST',
    path: '/api/v1/trigger',
    body: { workflow_id: world.workflowId(wish), priority: wish.priority, payload: { wish: wish.id } },
    headers: key === null ? {} : { 'Idempotency-Key': key },
    patienceMs: Math.min(PATIENCE_MS, patienceMs),
  });
  const result = { ...answer, wish: wish.id, key, priority: wish.priority };
  world.starts.push(result);
  return result;
}

function door({ doors }: World, index: number): Door {
  const found = doors[index % doors.length];
  if (found === undefined) throw new Error('a cluster without doors');
  return found;
}
