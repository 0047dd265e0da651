import { setTimeout as delay } from 'node:timers/promises';
import { redisCommand } from '../../../services/local/servers/redis-command.ts';
import type { Scene } from '../scene.ts';
import type { Fault } from './fault.ts';
import { type LeaderStep, stepSpotter } from './leader-steps.ts';

/** Longest wait for the step (ms): an election after a loss takes 6 s, and Redis or Postgres may be broken meanwhile. */
const WITHIN_MS = 15_000;
/** Between losses, until one is met by a leader that rebuilds (ms). */
const AGAIN_MS = 4_000;

/** kill -9 of the leader at exactly this step: the proxy sees the command and the process is gone before the next one. */
export function killedAtStep({ stage, cluster, links }: Scene, step: LeaderStep, holdMs: number): Fault {
  let victim = '';
  let came = false;
  /** Another one that was killed, so that there is an election; on its way back meanwhile. */
  let returning: Promise<void> = Promise.resolve();

  const apply = async () => {
    // With an election or a loss it may be any of them.
    const leader = await stage.leader().catch(() => stage.replica(1));
    const candidates = step.needs === 'nothing' ? [leader] : cluster.replicas;
    const hit = new Promise<string>((resolve) => {
      for (const replica of candidates) {
        const isStep = stepSpotter(step);
        void links
          .watch(replica.id, step.store, (passing) => {
            if (came || !isStep(passing)) return !(came && victim === replica.id);
            came = true;
            victim = replica.id;
            void replica.kill().then(() => resolve(replica.id));
            return false;
          })
          .then((end) => ends.push(end));
      }
    });
    if (step.needs === 'election') {
      await leader.kill();
      returning = leader.start().catch(() => {});
    }
    const deadline = performance.now() + WITHIN_MS;
    while (!came && performance.now() < deadline) {
      if (step.needs === 'loss') await forgetAll(cluster.redis.url);
      await Promise.race([hit, delay(AGAIN_MS)]);
    }
    for (const end of ends.splice(0)) end();
    if (came) await hit;
    else {
      victim = leader.id;
      await leader.kill();
    }
  };
  const ends: Array<() => void> = [];
  return {
    get name() {
      return came ? `${victim} killed as leader, ${step.about}` : `${victim} killed, for the step did not come`;
    },
    get target() {
      return victim;
    },
    holdMs,
    apply,
    heal: async () => {
      await returning;
      for (const replica of cluster.replicas) if (replica.pid === null) await replica.start();
    },
  };
}

/** Rejected when the other hand has Redis down: then there is no such step now. */
async function forgetAll(url: string): Promise<void> {
  const { port, password } = new URL(url);
  await redisCommand({ port: Number(port), password: decodeURIComponent(password) }, ['FLUSHALL']).catch(() => {});
}
