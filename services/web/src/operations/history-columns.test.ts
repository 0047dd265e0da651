import { expect } from 'chai';
import type { HistoryPoint } from '../../../../shared/protocol/http-history.ts';
import { historyColumns } from './history-columns.ts';

function point(second: number, users: number | null): HistoryPoint {
  const nothing = { max_users: 25, slots: 0, max_slots: 10, queue_length: 0, level: 'normal', p50_ms: null } as const;
  const counts = { p95_ms: null, p99_ms: null, error_ratio: 0.01, requests: 0, started: 0, finished: 0, failed: 0 };
  return { at: new Date(second * 1_000).toISOString(), users, sockets: 0, ...nothing, ...counts };
}

describe('columns of a history', () => {
  it('have a value a point, in its order', () => {
    const { times, of } = historyColumns({ step_seconds: 5, points: [point(100, 1), point(105, null), point(110, 3)] });
    expect(times).to.deep.equal([100, 105, 110]);
    expect(of('users')).to.deep.equal([1, null, 3]);
    expect(of('error_ratio', 100)).to.deep.equal([1, 1, 1]);
  });

  it('break the line where steps are missing', () => {
    const { times, of } = historyColumns({ step_seconds: 5, points: [point(100, 1), point(200, 2)] });
    expect(times).to.deep.equal([100, 105, 200]);
    expect(of('users')).to.deep.equal([1, null, 2]);
  });

  it('are empty for an empty answer', () => {
    expect(historyColumns({ step_seconds: 5, points: [] }).times).to.deep.equal([]);
  });
});
