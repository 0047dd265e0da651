import { expect } from 'chai';
import { execa } from 'execa';
import { until } from '../support/until.ts';
import { expectNoFailure, startTraffic, summary } from './background.ts';
import { type Container, isHealthy, replicaIdOf } from './container.ts';
import { stackOfThisRun } from './stack.ts';
import type { SteadyTraffic } from './steady-traffic.ts';

/** After this long (ms) a replica that fails must be out of the way. */
const OUT_AFTER_MS = 10_000;
/** An answer above this (ms) had to wait for a replica that was not there. */
const SLOW_MS = 1_000;
/** Nginx tries a replica that failed again with one request every five seconds, which is slow as long as the replica is frozen. */
const TRIALS_PER_SECOND = 1 / 5;

describe('a replica that fails', () => {
  const stack = stackOfThisRun();
  let traffic: SteadyTraffic;
  let victim: Container;

  beforeEach(async () => {
    const replica = (await stack.containers('api')).find(isHealthy);
    if (replica === undefined) throw new Error('no replica is healthy');
    victim = replica;
    traffic = await startTraffic(stack, { perSecond: 30, unrepeatable: false });
    await answersFromVictim();
  });
  afterEach(async () => {
    await traffic.stop();
    await until(async () => (await stack.containers('api')).every(isHealthy), {
      timeoutMs: 60_000,
      what: 'every replica to be healthy again',
    });
  });

  function answersFromVictim(): Promise<true> {
    const since = traffic.now;
    const what = `answers from ${replicaIdOf(victim)}`;
    return until(() => traffic.replicas(since).has(replicaIdOf(victim)), { timeoutMs: 30_000, what });
  }

  async function restarted(): Promise<Container> {
    return until(
      async () =>
        (await stack.containers('api')).find(
          (one) => one.Id === victim.Id && one.State.Pid !== victim.State.Pid && isHealthy(one),
        ),
      { timeoutMs: 60_000, what: 'the replica to be restarted and healthy' },
    );
  }

  it('by kill -9 is no failure for any client, is started again by itself and used again', async () => {
    const killedAt = traffic.now;
    await killFromOutside(victim.State.Pid, stack.image);
    await restarted();
    await answersFromVictim();
    await traffic.stop();
    console.log(`      ${summary(traffic)}`);
    expectNoFailure(traffic);
    const slow = traffic.answers.filter(({ at, tookMs }) => at > killedAt + OUT_AFTER_MS && tookMs > SLOW_MS);
    expect(slow.length, 'slow answers later than 10 s after').to.equal(0);
  });

  it('by freezing is out within 10 seconds, without a failure for any client, and used again once it is well', async () => {
    const frozenAt = traffic.now;
    await execa('docker', ['pause', victim.Id]);
    try {
      await until(() => traffic.now > frozenAt + 2 * OUT_AFTER_MS, { timeoutMs: 30_000, what: 'twenty seconds' });
    } finally {
      await execa('docker', ['unpause', victim.Id]);
    }
    const wellAt = traffic.now;
    await answersFromVictim();
    await traffic.stop();
    console.log(`      ${summary(traffic)}`);
    expectNoFailure(traffic);
    const later = traffic.answers.filter(({ at }) => at > frozenAt + OUT_AFTER_MS && at < wellAt);
    const slow = later.filter(({ tookMs }) => tookMs > SLOW_MS);
    expect(slow.length, `slow among ${later.length} answers later than 10 s after`).to.be.at.most(
      Math.ceil((OUT_AFTER_MS / 1_000) * TRIALS_PER_SECOND) * 2,
    );
  });
});

/**
 * SIGKILL to the process itself: what `docker kill` ends, Docker does not start again. By way of a container, because the process belongs to
 * another user, or to another machine where the engine runs in one.
 */
async function killFromOutside(pid: number, image: string): Promise<void> {
  const program = `process.kill(${pid}, 'SIGKILL')`;
  const options = ['--rm', '--pid', 'host', '--user', '0:0', '--network', 'none', '--no-healthcheck'];
  await execa('docker', ['run', ...options, image, 'node', '--eval', program]);
}
