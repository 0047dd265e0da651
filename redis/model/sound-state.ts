import type { Holder, RedisState } from './redis-state.ts';

/** For the tests of the rules. */
export const NOW = 1_000_000;
export const READY: Holder = { fence: 0, grant: '10:1', entry: '0000000000000002:0:flow:ann' };
export const TAKEN: Holder = { fence: 0.5, grant: '10:2', entry: '0000000000000003:0:flow:ann' };
const WAITING = '0000000000000001:run-1';

/** A state no rule objects to: run 1 waits, run 2 is ready, run 3 is in the hands of a worker; one user is on two replicas. */
export function sound(but: Partial<RedisState> = {}): RedisState {
  return {
    generation: 'g',
    epoch: 1,
    permit: null,
    rebuild: null,
    limits: { max_workflows: 2, max_users: 10, drain_per_second: 10 },
    level: { rank: '0', sequence: '7', since: '7' },
    userLeases: { 'r1|ann': 1, 'r2|ann': 2 },
    users: { ann: 2 },
    queue: [[WAITING, 50]],
    queueDeadlines: { [WAITING]: NOW + 1 },
    entries: { 'run-1': '0000000000000001:0:flow:ann' },
    queuedByUser: { ann: 1 },
    slots: { 'run-2': NOW + 1, 'run-3': NOW + 1 },
    holders: { 'run-2': READY, 'run-3': TAKEN },
    ready: ['run-2:0:10:1'],
    grantCounter: 2,
    cancels: ['run-3'],
    rescuePulse: {},
    drain: {},
    ...but,
  };
}
