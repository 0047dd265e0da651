import { expect } from 'chai';
import type { EventData, EventFrame, EventType } from '../../../../shared/protocol/events.ts';
import type { RunAnswer } from '../../../../shared/protocol/http.ts';
import { sampleRun } from '../../../../tests/support/sample-run.ts';
import { applyAnswer, newsOf } from './apply-answer.ts';
import { applyFrame, type Runs } from './apply-frame.ts';

const NAMES = { run_id: 'r1', workflow_id: 'w1', workflow_name: 'report' };
const AT = '2030-01-01T00:00:00.000Z';
const PLACE = { position: 3, estimated_wait_seconds: 40, expires_at: AT };
const NOTHING: Runs = new Map();

function frame<Type extends EventType>(type: Type, data: EventData<Type>): EventFrame {
  return { type, data, at: AT } as EventFrame;
}

const queued = frame('WORKFLOW_QUEUED', { ...NAMES, message: 'waiting', priority: 'normal', ...PLACE });
const moved = frame('WORKFLOW_POSITION', { runs: [{ run_id: 'r1', ...PLACE, position: 1 }] });
const starting = frame('WORKFLOW_STARTING', { ...NAMES, message: 'starting', attempt: 1, step_count: 1 });
const output = frame('WORKFLOW_OUTPUT', { ...NAMES, step: 'ask', text: 'Wat' });
const step = frame('WORKFLOW_STEP', {
  ...NAMES,
  step: 'ask',
  index: 0,
  step_count: 1,
  status: 'started',
  duration_ms: null,
});
const emptySnapshot = frame('SNAPSHOT', {
  recovered: false,
  replica: 'replica-1',
  user_id: 'anna',
  runs: [],
  capacity: null,
  features: { disabled: [] },
  provider: { active: null },
});
const ENDS: Array<[status: string, end: EventFrame]> = [
  ['succeeded', frame('WORKFLOW_COMPLETED', { ...NAMES, message: 'finished', result: 42 })],
  ['failed', frame('WORKFLOW_FAILED', { ...NAMES, message: 'has failed', reason: 'no answer', step: 'ask' })],
  ['cancelled', frame('WORKFLOW_CANCELLED', { ...NAMES, message: 'cancelled' })],
  ['timed_out', frame('WORKFLOW_QUEUE_TIMEOUT', { ...NAMES, message: 'waited too long', waited_seconds: 60 })],
];

const told = (runs: Runs, ...frames: EventFrame[]) => frames.reduce<Runs>(applyFrame, runs);

/** What is known after an answer that was asked for after the frames `before` and came after those `meanwhile`. */
function outcome(before: EventFrame[], meanwhile: EventFrame[], answered: Partial<RunAnswer>) {
  const asked = told(NOTHING, ...before);
  return applyAnswer(
    told(asked, ...meanwhile),
    sampleRun({ id: 'r1', user_id: 'anna', finished_at: null, result: null, steps: [], ...answered }),
    newsOf(asked, 'r1'),
  ).get('r1');
}

describe('an answer of the API about a run', () => {
  it('is taken up when no frame came since it was asked for, also of a run that nothing was known of', () => {
    expect(outcome([], [], { status: 'queued' })).to.include({ status: 'queued', owner: 'anna', stale: false });
    expect(outcome([queued], [], { status: 'running' })).to.include({ status: 'running', stale: false });
  });

  it('does not take a run back that started, moved up, or was queued again meanwhile', () => {
    expect(outcome([], [queued, starting, step], { status: 'queued', queue: PLACE })).to.include({ status: 'running' });
    expect(outcome([queued], [moved], { status: 'queued', queue: PLACE })?.place?.position).to.equal(1);
    const failed = ENDS[1]?.[1] ?? queued;
    expect(outcome([starting, failed], [queued], { status: 'failed' })).to.include({ status: 'queued' });
  });

  for (const [status, end] of ENDS)
    it(`does not make a run go on that has ${status} meanwhile, and leaves it to be read again`, () => {
      expect(outcome([starting], [end], { status: 'running' })).to.include({ status, stale: true });
    });

  it('does not count after a snapshot without the run, which has ended unheard', () => {
    expect(outcome([starting], [emptySnapshot], { status: 'running' })).to.include({ stale: true, owner: null });
  });

  it('is taken up however much the run says meanwhile: what it says does not change how it is', () => {
    const run = outcome([starting], [step, output], { status: 'running' });
    expect(run).to.include({ owner: 'anna', stale: false });
    expect(run?.steps[0]?.text).to.equal('Wat');
  });
});
