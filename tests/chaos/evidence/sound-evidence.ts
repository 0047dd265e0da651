import type { EventFrame } from '../../../shared/protocol/events.ts';
import type { Evidence, SocketStory, StartTry, StoredRun } from './evidence.ts';

/** Unix ms at which the history below begins. */
const BEGIN = 1_700_000_000_000;

/**
 * A small history as a correct cluster leaves it, for tests that spoil one thing each: three runs of one user, the second rescued
 * from a killed replica in its second step, the third cancelled while it waited; a start refused; a socket that was resumed.
 */
export function soundEvidence(): Evidence {
  const t = (ms: number) => BEGIN + ms;
  return {
    slotLimit: 2,
    leaseMs: 15_000,
    starts: [
      start({ wish: 'w1', key: 'k1', sentAt: t(0), at: t(20), runId: 'r1' }),
      start({ wish: 'w2', key: 'k2', sentAt: t(30), at: t(1_000), status: 0 }),
      start({ wish: 'w2', key: 'k2', sentAt: t(40), at: t(60), runId: 'r2', door: 'replica-2' }),
      start({ wish: 'w3', key: null, sentAt: t(70), at: t(90), runId: 'r3' }),
      start({ wish: 'w4', key: null, sentAt: t(95), at: t(99), status: 503, code: 'queue_full', retryAfter: 3 }),
    ],
    answers: [
      {
        ...start({ wish: '', key: null, sentAt: t(100), at: t(110), status: 200, runId: 'r3' }),
        kind: 'cancel',
        runStatus: 'cancelled',
      },
    ],
    runs: [
      run({ id: 'r1', wish: 'w1', seq: 1, startNo: 1, acceptedAt: t(10), grantedAt: t(12), finishedAt: t(500) }),
      run({
        id: 'r2',
        wish: 'w2',
        seq: 2,
        startNo: 2,
        acceptedAt: t(50),
        grantedAt: t(55),
        finishedAt: t(17_000),
        attempt: 2,
      }),
      run({ id: 'r3', wish: 'w3', seq: 3, status: 'cancelled', attempt: 0, acceptedAt: t(80), finishedAt: t(105) }),
    ],
    checkpoints: [
      { runId: 'r1', index: 0, step: 'first', attempt: 1, finishedAt: t(200), effect: 1 },
      { runId: 'r1', index: 1, step: 'second', attempt: 1, finishedAt: t(400), effect: 3 },
      { runId: 'r2', index: 0, step: 'first', attempt: 1, finishedAt: t(250), effect: 2 },
      { runId: 'r2', index: 1, step: 'second', attempt: 2, finishedAt: t(16_500), effect: 5 },
    ],
    effects: [
      { no: 1, runId: 'r1', step: 'first', at: t(100), answeredAt: t(180), answerLost: false },
      { no: 2, runId: 'r2', step: 'first', at: t(120), answeredAt: t(230), answerLost: false },
      { no: 3, runId: 'r1', step: 'second', at: t(220), answeredAt: t(380), answerLost: false },
      { no: 4, runId: 'r2', step: 'second', at: t(260), answeredAt: null, answerLost: false },
      { no: 5, runId: 'r2', step: 'second', at: t(16_300), answeredAt: t(16_400), answerLost: false },
    ],
    sockets: [
      socket({
        asked: null,
        openedAt: t(0),
        closedAt: t(300),
        frames: [snapshot(0), event('WORKFLOW_STARTING', 'r1', 1), event('WORKFLOW_STARTING', 'r2', 2)],
      }),
      socket({
        asked: { epoch: 'e1', offset: 2 },
        openedAt: t(400),
        closedAt: null,
        frames: [
          resumed(2),
          event('WORKFLOW_CANCELLED', 'r3', 3),
          event('WORKFLOW_COMPLETED', 'r1', 4),
          event('WORKFLOW_COMPLETED', 'r2', 5),
        ],
      }),
    ],
    faults: [
      {
        name: 'replica-1 killed',
        kind: 'replica-killed',
        target: 'replica-1',
        appliedAt: t(300),
        mendedAt: t(3_000),
        healedAt: t(4_000),
      },
    ],
    rest: [{ at: t(40_000), counted: 1, connected: 1, drift: 0, slots: 0 }],
  };
}

export function start(fields: Partial<StartTry> & { wish: string; key: string | null }): StartTry {
  const base = {
    user: 'ada',
    kind: 'start',
    door: 'nginx',
    replica: null,
    sentAt: BEGIN,
    at: BEGIN,
    status: 202,
    code: null,
    retryAfter: null,
  };
  return { ...base, runId: null, runStatus: null, unplaced: false, priority: 'normal', ...fields };
}

export function run(fields: Partial<StoredRun> & { id: string; wish: string; seq: number }): StoredRun {
  const base = { user: 'ada', priority: 'normal', status: 'succeeded', attempt: 1, stepCount: 2 } as const;
  return { ...base, startNo: null, acceptedAt: BEGIN, grantedAt: null, finishedAt: null, ...fields };
}

type Frames = EventFrame[];

function socket({ frames, ...story }: Omit<SocketStory, 'user' | 'frames'> & { frames: Frames }): SocketStory {
  return {
    user: 'ada',
    ...story,
    frames: frames.map((frame, index) => ({ at: (story.openedAt ?? 0) + index, frame })),
  };
}

/** The checker reads names, numbers and run ids only, so that is all these frames have. */
export function event(type: EventFrame['type'], runId: string, offset: number, epoch = 'e1'): EventFrame {
  return { type, data: { run_id: runId }, at: '', epoch, offset } as unknown as EventFrame;
}

/** Not of the stream: without a number. */
export function liveOnly(type: EventFrame['type']): EventFrame {
  return { type, data: {}, at: '' } as unknown as EventFrame;
}

export function snapshot(offset: number, epoch = 'e1'): EventFrame {
  return { type: 'SNAPSHOT', data: { recovered: false }, at: '', epoch, offset } as unknown as EventFrame;
}

export function resumed(offset: number): EventFrame {
  return { type: 'RESUMED', data: { recovered: true }, at: '', epoch: 'e1', offset } as unknown as EventFrame;
}

/** An entry of a list that the sound history has. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list.at(index);
  if (found === undefined) throw new Error(`the history has no entry ${index}`);
  return found;
}
