import { expect } from 'chai';
import { until } from '../support/until.ts';
import { expectNoFailure, startTraffic, summary } from './background.ts';
import { isHealthy, replicaIdOf } from './container.ts';
import { Crowd } from './crowd.ts';
import { stackOfThisRun } from './stack.ts';

const REVISION = 'org.opencontainers.image.revision';

describe('compose/rolling-update.sh', function () {
  this.timeout(300_000);
  const stack = stackOfThisRun();
  // The next test wants the settings of everybody else.
  after(() => stack.scale(3));

  it('replaces every replica under 100 requests a second: none fails, and sockets are told, come back and miss nothing', async () => {
    const before = await stack.containers('api');
    const traffic = await startTraffic(stack, { perSecond: 100, unrepeatable: true });
    const crowd = await Crowd.gather(stack, 'update', 8);
    let stopping: number;
    try {
      await crowd.watchRuns(60);
      const update = await stack.tryRun('compose/rolling-update.sh', [], { WEIR_COMMIT: 'test-2' });
      expect([update.code, update.err]).to.deep.equal([0, '']);
      expect(update.out)
        .to.match(/^1 of 3: .* serves, .* has gone .*$/m)
        .and.include('All 3 replicas are new (commit test-2).');
      stopping = traffic.now;
      for (const { userId, listener } of crowd.spectators)
        await listener.heard(() => listener.ofType('RESUMED').length > 0, `${userId} to be back`, 15_000);
      await crowd.hearsEverything(90_000);
    } finally {
      await traffic.stop();
      await crowd.leave();
    }
    console.log(`      ${summary(traffic)}; ${crowd.reconnects} times a socket came back`);
    expectNoFailure(traffic);
    expect(traffic.answers.length / (traffic.now / 1_000), 'requests a second').to.be.closeTo(100, 10);
    for (const { userId, listener } of crowd.spectators)
      expect(listener.ofType('SERVER_DRAINING').length, `${userId} was told`).to.be.greaterThan(0);

    const now = await stack.containers('api');
    expect(now.filter(isHealthy)).to.have.length(3);
    for (const container of now) {
      expect(container.Config.Labels[REVISION]).to.equal('test-2');
      expect(before.map(({ Id }) => Id)).not.to.include(container.Id);
    }
    for (const replica of traffic.replicas(stopping + 3_000)) expect(now.map(replicaIdOf)).to.include(replica);
  });

  it('keeps the old replicas when the new one does not start, and says why', async () => {
    const before = (await stack.containers('api')).map(({ Id }) => Id).sort();
    const traffic = await startTraffic(stack, { perSecond: 20, unrepeatable: true });
    const update = await stack.tryRun('compose/rolling-update.sh', [], { WEIR_MAX_USERS: 'many' });
    await until(() => traffic.answers.length > 20, { timeoutMs: 10_000, what: 'some answers' });
    await traffic.stop();
    expect(update.code).to.equal(1);
    expect(update.err).to.include('WEIR_MAX_USERS').and.include('did not become ready and is removed');
    expectNoFailure(traffic);
    expect((await stack.containers('api')).map(({ Id }) => Id).sort()).to.deep.equal(before);
  });
});
