import { expect } from 'chai';
import { FINAL_STATUSES, RUN_STATUSES } from '../workflow/run-state.ts';
import { EVENT_SCHEMAS } from './events.ts';
import { type EndedRun, terminalEvent } from './terminal-event.ts';

describe('terminal events', () => {
  const run = (parts: Partial<EndedRun>): EndedRun => ({
    id: 'run',
    userId: 'ada',
    workflowId: 'workflow',
    workflowName: 'Digest',
    status: 'succeeded',
    attempt: 2,
    acceptedAt: new Date(1_000),
    finishedAt: new Date(4_400),
    result: { some: 'thing' },
    error: null,
    ...parts,
  });

  it('tell every final status, valid by the protocol, and nothing of a run that goes on', () => {
    for (const status of RUN_STATUSES) {
      const event = terminalEvent(run({ status }));
      expect(event !== null, status).to.equal(FINAL_STATUSES.includes(status));
      if (event !== null) EVENT_SCHEMAS[event.type].parse(event.data);
    }
  });

  it('carry result, reason and wait', () => {
    expect(terminalEvent(run({}))?.data).to.deep.include({ run_id: 'run', result: { some: 'thing' } });
    expect(terminalEvent(run({ status: 'failed', error: { reason: 'Because.', step: 'ask' } }))?.data).to.include({
      reason: 'Because.',
      step: 'ask',
    });
    expect(terminalEvent(run({ status: 'timed_out' }))?.data).to.include({ waited_seconds: 3 });
  });

  it('have one id per end, another after a retry', () => {
    expect(terminalEvent(run({}))?.dedupeId).to.equal('run:WORKFLOW_COMPLETED:2');
    expect(terminalEvent(run({ attempt: 3 }))?.dedupeId).to.equal('run:WORKFLOW_COMPLETED:3');
  });
});
