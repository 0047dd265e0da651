import { expect } from 'chai';
import { until } from '../support/until.ts';
import { expectNoFailure, startTraffic, summary } from './background.ts';
import { replicaIdOf } from './container.ts';
import { Crowd } from './crowd.ts';
import { stackOfThisRun } from './stack.ts';

const REQUESTS = 300;
/** Of an even share. */
const TOLERANCE = 0.1;

describe('docker compose up -d --scale api=N', () => {
  const stack = stackOfThisRun();

  after(() => stack.scale(3));

  async function answeringReplica(): Promise<string> {
    const answer = await fetch(`${stack.url}/health`);
    await answer.text();
    return answer.headers.get('x-replica') ?? 'none';
  }

  /** Waits until Nginx asks each of the replicas there are and nobody else, and resolves to their names. */
  async function everybodyAnswers(count: number): Promise<string[]> {
    const there = (await stack.containers('api')).map(replicaIdOf).sort();
    expect(there).to.have.length(count);
    await until(
      async () => {
        const seen = new Set(await Promise.all(Array.from({ length: count * 4 }, answeringReplica)));
        return [...seen].sort().join() === there.join();
      },
      { timeoutMs: 10_000, what: `answers from all ${count} replicas` },
    );
    return there;
  }

  async function expectEvenSpread(count: number): Promise<void> {
    const shares = new Map((await everybodyAnswers(count)).map((replica) => [replica, 0]));
    for (let n = 0; n < REQUESTS; n++) {
      const replica = await answeringReplica();
      shares.set(replica, (shares.get(replica) ?? 0) + 1);
    }
    const even = REQUESTS / count;
    expect([...shares.keys()]).to.have.length(count);
    for (const [replica, share] of shares) expect(share, replica).to.be.closeTo(even, even * TOLERANCE);
  }

  it('to 5 and back to 3 drops no request and no event, and needs no restart of Nginx', async function () {
    this.timeout(240_000);
    const [nginx] = await stack.containers('nginx');
    const before = (await stack.containers('api')).map(({ Id }) => Id).sort();
    const traffic = await startTraffic(stack, { perSecond: 50, unrepeatable: true });
    const crowd = await Crowd.gather(stack, 'scaling', 8);
    try {
      await crowd.watchRuns(45);
      await stack.scale(5);
      await everybodyAnswers(5);
      await stack.scale(3);
      await everybodyAnswers(3);
      await crowd.hearsEverything(60_000);
    } finally {
      await traffic.stop();
      await crowd.leave();
    }
    console.log(`      ${summary(traffic)}; ${crowd.reconnects} sockets came back`);
    expectNoFailure(traffic);
    expect((await stack.containers('nginx'))[0]?.State.StartedAt).to.equal(nginx?.State.StartedAt);
    expect((await stack.containers('api')).map(({ Id }) => Id).sort(), 'the first three stayed').to.deep.equal(before);
  });

  it('spreads 300 requests evenly over 3 replicas, and over 5', async () => {
    await expectEvenSpread(3);
    await stack.scale(5);
    await expectEvenSpread(5);
  });
});
