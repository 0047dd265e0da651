import { expect } from 'chai';
import type { Evidence } from '../evidence/evidence.ts';
import { at, event, resumed, run, soundEvidence, start } from '../evidence/sound-evidence.ts';
import { check } from './check.ts';
import type { PromiseName } from './violation.ts';

type Spoil = (evidence: Evidence) => unknown;

/** One thing spoiled each, and the promise that must be found broken. */
const SPOILED: Array<[what: string, promise: PromiseName, spoil: Spoil]> = [
  ['a run that never ends', 'ends', ({ runs }) => Object.assign(at(runs, 0), { status: 'running', finishedAt: null })],
  [
    'an end told by an answer and another one stored',
    'ends',
    ({ runs }) => Object.assign(at(runs, 2), { status: 'succeeded' }),
  ],
  [
    'an end told over a socket and another one stored',
    'ends',
    ({ runs }) => Object.assign(at(runs, 0), { status: 'failed' }),
  ],
  [
    'an end told of a run that does not exist',
    'ends',
    ({ sockets }) => void at(sockets, 1).frames.push({ at: 0, frame: event('WORKFLOW_COMPLETED', 'r9', 6) }),
  ],
  ['a run accepted and missing', 'accepted', ({ runs }) => void runs.splice(0, 1)],
  [
    'a run refused and stored',
    'refused',
    ({ runs }) => void runs.push(run({ id: 'r4', wish: 'w4', seq: 4, status: 'timed_out', finishedAt: 1 })),
  ],
  [
    'a run nobody asked for',
    'refused',
    ({ runs }) => void runs.push(run({ id: 'r5', wish: 'w5', seq: 5, status: 'timed_out', finishedAt: 1 })),
  ],
  [
    'two runs of one key, both told',
    'keys',
    ({ starts }) => void starts.push(start({ wish: 'w1', key: 'k1', runId: 'r3' })),
  ],
  [
    'two runs of one key, one told',
    'keys',
    ({ runs }) => void runs.push(run({ id: 'r6', wish: 'w1', seq: 6, status: 'timed_out', finishedAt: 1 })),
  ],
  ['more slots than the limit by the record', 'slots', (evidence) => Object.assign(evidence, { slotLimit: 1 })],
  [
    'more slots than the limit by the other side of the steps',
    'slots',
    ({ runs, effects }) => {
      for (const [index, id] of ['r7', 'r8', 'r9'].entries()) {
        runs.push(run({ id, wish: 'w1', seq: 7 + index, startNo: 7 + index, finishedAt: 1 }));
        effects.push({ no: 7 + index, runId: id, step: 'first', at: 100, answeredAt: 200, answerLost: false });
      }
    },
  ],
  [
    'a step executed twice in one attempt',
    'effects',
    ({ effects }) => void effects.push({ ...at(effects, 0), no: 6, at: at(effects, 0).at + 1 }),
  ],
  [
    'a step executed again after its checkpoint',
    'effects',
    ({ effects }) => void effects.push({ ...at(effects, 1), no: 6, at: at(effects, 1).at + 16_000 }),
  ],
  [
    'a checkpoint that keeps the answer to another step',
    'effects',
    ({ checkpoints }) => Object.assign(at(checkpoints, 0), { effect: 2 }),
  ],
  ['two checkpoints of one step', 'effects', ({ checkpoints }) => void checkpoints.push({ ...at(checkpoints, 0) })],
  ['success without all checkpoints', 'effects', ({ checkpoints }) => void checkpoints.splice(1, 1)],
  [
    'a step of a run that never started',
    'effects',
    ({ effects }) => void effects.push({ ...at(effects, 0), no: 6, runId: 'r3' }),
  ],
  [
    'a run that overtook an earlier one',
    'order',
    ({ runs }) => {
      Object.assign(at(runs, 0), { startNo: 2 });
      Object.assign(at(runs, 1), { startNo: 1, attempt: 1 });
    },
  ],
  ['a gap in a socket', 'events', ({ sockets }) => void at(sockets, 0).frames.splice(1, 1)],
  ['a repeat in a socket', 'events', ({ sockets }) => void at(sockets, 0).frames.push(at(at(sockets, 0).frames, 2))],
  [
    'a gap between two sockets',
    'events',
    ({ sockets }) => Object.assign(at(sockets, 1), { asked: { epoch: 'e1', offset: 1 } }),
  ],
  ['events before any greeting', 'events', ({ sockets }) => void at(sockets, 0).frames.splice(0, 1)],
  [
    'another stream without a snapshot',
    'events',
    ({ sockets }) => void at(sockets, 1).frames.push({ at: 0, frame: event('WORKFLOW_STEP', 'r1', 6, 'e2') }),
  ],
  [
    'one place told in two ways, with no snapshot in between',
    'events',
    ({ sockets }) => {
      const frames = [resumed(0), event('WORKFLOW_STARTING', 'r2', 1), event('WORKFLOW_STEP', 'r2', 2)];
      const { at: later } = at(at(sockets, 1).frames, -1);
      const stories = frames.map((frame, index) => ({ at: later + index + 1, frame }));
      sockets.push({ ...at(sockets, 0), asked: { epoch: 'e1', offset: 0 }, frames: stories });
    },
  ],
  [
    'an end told twice in one stream',
    'events',
    ({ sockets }) => void at(sockets, 1).frames.push({ at: 0, frame: event('WORKFLOW_COMPLETED', 'r1', 6) }),
  ],
  ['an end nobody told', 'events', ({ sockets }) => void at(sockets, 1).frames.pop()],
  ['a user counted who is gone', 'users', ({ rest }) => Object.assign(at(rest, 0), { counted: 2 })],
  ['leases that drifted', 'users', ({ rest }) => Object.assign(at(rest, 0), { drift: 1 })],
  ['a slot held by nobody', 'users', ({ rest }) => Object.assign(at(rest, 0), { slots: 1 })],
  ['nobody looked at rest', 'users', ({ rest }) => void rest.splice(0)],
  ['a 500', 'answers', ({ starts }) => void Object.assign(at(starts, 4), { status: 500 })],
  ['a 503 without Retry-After', 'answers', ({ starts }) => Object.assign(at(starts, 4), { retryAfter: null })],
];

describe('the checker of recorded histories', () => {
  it('finds nothing in a sound one, with a rescue, a resumed socket, a lost answer and a refusal in it', () => {
    expect(check(soundEvidence())).to.deep.equal([]);
  });

  for (const [what, promise, spoil] of SPOILED) {
    it(`finds ${what}`, () => {
      const evidence = soundEvidence();
      spoil(evidence);
      const found = check(evidence);
      expect(
        found.map((violation) => violation.promise),
        JSON.stringify(found),
      ).to.include(promise);
    });
  }
});
