import { expect } from 'chai';
import type { EventFrame } from '../../../shared/protocol/events.ts';
import { concernsRun } from './concerns-run.ts';

const at = '2026-01-01T00:00:00.000Z';
const ids = { run_id: 'mine', workflow_id: 'w', workflow_name: 'hello' };
const place = { position: 1, estimated_wait_seconds: null, expires_at: at };

describe('concernsRun', () => {
  it('keeps the run’s own frames and what concerns everybody, and drops other runs and housekeeping', () => {
    const frames: [EventFrame, boolean][] = [
      [{ type: 'WORKFLOW_CANCELLED', at, data: { message: '', ...ids } }, true],
      [{ type: 'WORKFLOW_CANCELLED', at, data: { message: '', ...ids, run_id: 'other' } }, false],
      [
        {
          type: 'WORKFLOW_POSITION',
          at,
          data: {
            runs: [
              { run_id: 'other', ...place },
              { run_id: 'mine', ...place },
            ],
          },
        },
        true,
      ],
      [{ type: 'WORKFLOW_POSITION', at, data: { runs: [{ run_id: 'other', ...place }] } }, false],
      [
        { type: 'CAPACITY_WARNING', at, data: { message: '', level: 'elevated', active_users: 20, max_users: 25 } },
        true,
      ],
      [
        {
          type: 'RESUMED',
          at,
          data: { recovered: true, replica: 'r', replayed: 0, capacity: null, features: { disabled: [] } },
        },
        false,
      ],
      [{ type: 'HEARTBEAT', at, data: {} }, false],
    ];
    for (const [frame, kept] of frames) expect(concernsRun(frame, 'mine'), JSON.stringify(frame)).to.equal(kept);
  });
});
