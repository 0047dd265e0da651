import { expect } from 'chai';
import type { CapacityAnswer } from '../../../shared/protocol/http.ts';
import { renderCapacity, renderLimitChanges } from './capacity.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const limits = {
  max_users: 25,
  max_workflows: 10,
  hard_limit_users: 0,
  queue_max: 1_000,
  queue_max_per_user: 20,
  queue_timeout_seconds: 300,
  drain_per_second: 10,
};
const capacity: CapacityAnswer = {
  limits,
  level: 'elevated',
  level_since: '2026-01-01T00:00:00.000Z',
  active_users: 20,
  active_workflows: 5,
  ready_workflows: 1,
  queue_length: 3,
  leader: { replica: 'replica-2', epoch: 4 },
  replicas: [
    {
      id: 'replica-1',
      version: '0.1.0',
      roles: ['api', 'worker'],
      sockets: 20,
      runs: 5,
      event_loop_delay_ms: 1.24,
      redis_latency_ms: 0.4,
    },
  ],
};

describe('renderCapacity', () => {
  it('shows use against limits, who leads, every limit with its meaning, and every replica', () => {
    const lines = renderCapacity(capacity, style, Date.parse('2026-01-01T00:02:00Z'));
    expect(lines.slice(0, 5)).to.deep.equal([
      'level      elevated (since 2 min 00 s)',
      `users      ${'▰'.repeat(16)}▱▱▱▱ 20 of 25`,
      `workflows  ${'▰'.repeat(10)}${'▱'.repeat(10)} 5 of 10, 1 of them not yet in a worker's hands`,
      `queue      ▰${'▱'.repeat(19)} 3 of 1000`,
      'leader     replica-2 epoch 4',
    ]);
    for (const name of Object.keys(limits))
      expect(
        lines.some((line) => line.startsWith(`  ${name} `)),
        name,
      ).to.equal(true);
    expect(lines.at(-1)).to.match(/^replica-1 +0\.1\.0 +api worker +20 +5 +1\.2 ms +0\.4 ms$/);
  });

  it('lists replicas by name, the tenth after the second', () => {
    const replicas = ['replica-10', 'replica-2'].flatMap((id) =>
      capacity.replicas.map((replica) => ({ ...replica, id })),
    );
    const lines = renderCapacity({ ...capacity, replicas }, style, 0);
    expect(lines.slice(-2).map((line) => line.split(' ')[0])).to.deep.equal(['replica-2', 'replica-10']);
  });

  it('says when nobody leads and no replica has reported', () => {
    const text = renderCapacity({ ...capacity, leader: null, level_since: null, replicas: [] }, style, 0).join('\n');
    expect(text).to.contain('none right now').and.contain('No replica has reported yet.');
  });
});

describe('renderLimitChanges', () => {
  it('shows what changed from what to what, and nothing else', () => {
    expect(renderLimitChanges(limits, { ...limits, max_users: 50, queue_max: 5 }, style)).to.deep.equal([
      '✓ max_users    25  →  50',
      '✓ queue_max  1000  →   5',
    ]);
    expect(renderLimitChanges(limits, limits, style)).to.deep.equal([
      'Nothing changed: the limits had these values already.',
    ]);
  });
});
