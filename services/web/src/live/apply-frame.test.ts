import { expect } from 'chai';
import type { EventData, EventFrame, EventType } from '../../../../shared/protocol/events.ts';
import { applyFrame, type Runs } from './apply-frame.ts';
import type { RunView } from './run-view.ts';

const NAMES = { run_id: 'r1', workflow_id: 'w1', workflow_name: 'report' };
const AT = '2030-01-01T00:00:00.000Z';
const NOTHING: Runs = new Map();

function frame<Type extends EventType>(type: Type, data: EventData<Type>): EventFrame {
  return { type, data, at: AT } as EventFrame;
}

const queued = frame('WORKFLOW_QUEUED', {
  ...NAMES,
  message: 'waiting',
  priority: 'normal',
  position: 3,
  estimated_wait_seconds: 40,
  expires_at: AT,
});
const starting = frame('WORKFLOW_STARTING', { ...NAMES, message: 'starting', attempt: 1, step_count: 2 });
const step = (status: 'started' | 'succeeded' | 'failed') =>
  frame('WORKFLOW_STEP', {
    ...NAMES,
    step: 'ask',
    index: 0,
    step_count: 2,
    status,
    duration_ms: status === 'started' ? null : 7,
  });
const output = (text: string, restart = false) =>
  frame('WORKFLOW_OUTPUT', { ...NAMES, step: 'ask', text, ...(restart ? { restart } : {}) });
const completed = frame('WORKFLOW_COMPLETED', { ...NAMES, message: 'finished', result: 42 });
const failed = frame('WORKFLOW_FAILED', { ...NAMES, message: 'has failed', reason: 'no answer', step: 'ask' });

function snapshot(...ids: string[]): EventFrame {
  return frame('SNAPSHOT', {
    recovered: false,
    replica: 'replica-1',
    user_id: 'anna',
    runs: ids.map((run_id): EventData<'SNAPSHOT'>['runs'][number] => ({
      ...NAMES,
      run_id,
      status: 'running',
      priority: 'high',
      current_step: 1,
      step_count: 2,
      accepted_at: AT,
      started_at: AT,
      queue: null,
    })),
    capacity: null,
    features: { disabled: [] },
    provider: { active: null },
  });
}

function told(...frames: EventFrame[]): RunView | undefined {
  return frames.reduce<Runs>(applyFrame, NOTHING).get('r1');
}

describe('runs as frames tell them', () => {
  it('wait at a place that moves, and lose it when they start', () => {
    expect(told(queued)?.place).to.deep.equal({ position: 3, estimatedWaitSeconds: 40, expiresAt: AT });
    const moved = frame('WORKFLOW_POSITION', {
      runs: [{ run_id: 'r1', position: 1, estimated_wait_seconds: 2, expires_at: AT }],
    });
    expect(told(queued, moved)?.place?.position).to.equal(1);
    const started = told(queued, starting, moved);
    expect(started).to.include({ status: 'running', message: 'starting', place: null, stepCount: 2 });
  });

  it('gather what a model says, and begin anew at a restart', () => {
    const spoken = told(starting, step('started'), output('Wat'), output('er'));
    expect(spoken?.steps[0]).to.include({ name: 'ask', text: 'Water', state: 'running', restarted: false });
    const again = told(starting, step('started'), output('Wat'), output('A', true), output(' weir'));
    expect(again?.steps[0]).to.include({ text: 'A weir', restarted: true });
  });

  it('forget what a step said when it is begun again after a rescue', () => {
    const rescued = told(starting, step('started'), output('half'), step('started'));
    expect(rescued?.steps).to.have.length(1);
    expect(rescued?.steps[0]?.text).to.equal('');
  });

  it('end with their result, and are to be read again for what frames do not tell', () => {
    expect(told(starting, step('started'), step('succeeded'), completed)).to.include({
      status: 'succeeded',
      result: 42,
      finishedAt: AT,
      stale: true,
    });
  });

  it('say at which step they failed and why', () => {
    const run = told(starting, step('started'), failed);
    expect(run).to.include({ status: 'failed', reason: 'no answer' });
    expect(run?.steps[0]?.state).to.equal('failed');
  });

  it('lose the reason of an old failure when they are retried', () => {
    expect(told(starting, failed, queued)).to.include({ status: 'queued', reason: null, finishedAt: null });
  });

  it('are replaced by a snapshot: named ones go on, those it does not name have to be read', () => {
    const runs = [starting, snapshot('r2')].reduce<Runs>(applyFrame, NOTHING);
    expect(runs.get('r1')).to.include({ status: 'running', stale: true });
    expect(runs.get('r2')).to.include({ status: 'running', priority: 'high', stale: true });
  });

  it('keep what was shown of a run that a snapshot names', () => {
    expect(told(starting, step('started'), output('Water'), snapshot('r1'))?.steps[0]?.text).to.equal('Water');
  });

  it('are the same object after a frame about something else', () => {
    expect(applyFrame(NOTHING, frame('PONG', {}))).to.equal(NOTHING);
  });
});
