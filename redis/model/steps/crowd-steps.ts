import fc from 'fast-check';
import { type Limits, limitsSchema } from '../../../shared/protocol/http.ts';
import type { ClockedStore } from '../../clocked-store.ts';
import { type Deed, leader, type Stage, step, type WeightedStep } from './step.ts';

const replica = fc.constantFrom('r1', 'r2', 'r3');
const users = (most: number) =>
  fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnopqrst'), { minLength: 1, maxLength: most, size: 'max' });

/** Limits that a handful of users and runs reach; of 7, 9, 12 and 20 users some are between entry and exit of a level. */
export const limits: fc.Arbitrary<Limits> = fc
  .record({
    max_users: fc.constantFrom(1, 7, 9, 12, 20),
    max_workflows: fc.constantFrom(0, 1, 2, 3, 4),
    hard_limit_users: fc.constantFrom(0, 0, 4, 11),
    queue_max: fc.constantFrom(2, 5, 100),
    queue_max_per_user: fc.constantFrom(1, 3, 20),
    queue_timeout_seconds: fc.constantFrom(1, 12.5, 300, 300),
    drain_per_second: fc.constantFrom(1, 3, 7, 30),
  })
  .map((values) => limitsSchema.parse(values));

/** Below and above what counts as pressure. */
const eventLoopDelayMs = fc.constantFrom(0, 199.9, 200, 5_000);
const redisLatencyMs = fc.constantFrom(0, 99.9, 100, 900);

/** Users come, renew, go; replicas report; limits change; the leader looks after the level. */
export const crowdSteps: WeightedStep[] = [
  {
    weight: 6,
    arbitrary: fc.tuple(replica, users(20)).map(([id, names]) =>
      step(async ({ capacity }, store) => ({
        story: `${id} joins ${names}`,
        expected: capacity.join(id, names),
        answer: await store.users.join(id, names),
      })),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(replica, users(4)).map(([id, names]) =>
      step(async ({ capacity }, store) => ({
        story: `${id} lets go of ${names}`,
        expected: capacity.leave(id, names),
        answer: await store.users.leave(id, names),
      })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ id: replica, eventLoopDelayMs, redisLatencyMs })
      .map((signs) => ({ version: '1', roles: ['api'], sockets: 1, runs: 0, ...signs }))
      .map((report) =>
        step(async ({ capacity }, store) => ({
          story: `${report.id} reports ${report.eventLoopDelayMs} ms loop delay, ${report.redisLatencyMs} ms latency`,
          expected: capacity.report(report),
          answer: await store.cluster.report(report),
        })),
      ),
  },
  {
    weight: 3,
    arbitrary: limits.map((changed) =>
      step(async (stage, store) => {
        stage.limits = changed;
        return {
          story: `limits become ${JSON.stringify(changed)}`,
          expected: stage.capacity.setLimits(changed),
          answer: await store.cluster.setLimits(changed),
        };
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: leader.map((epochOf) => step((stage, store) => refreshLevel(stage, store, epochOf(stage)))),
  },
];

export async function refreshLevel({ capacity }: Stage, store: ClockedStore, epoch: number): Promise<Deed> {
  return {
    story: `leader ${epoch} refreshes the level`,
    epoch,
    expected: capacity.refreshLevel(epoch),
    answer: await store.cluster.refreshLevel(epoch),
  };
}
