import { expect } from 'chai';
import { execa } from 'execa';
import { replicaIdOf } from './container.ts';
import { Crowd, listenAt } from './crowd.ts';
import { stackOfThisRun } from './stack.ts';

describe('sockets of the composed product', () => {
  const stack = stackOfThisRun();

  it('come back to the same replica from the same address, and different addresses to different ones', async () => {
    const homes = new Set<string | null>();
    for (let network = 1; network <= 12; network++) {
      const met = new Set<string | null>();
      for (let visit = 1; visit <= 3; visit++) {
        const listener = await listenAt(stack, 'traveller', `203.0.${network}.9`).live();
        met.add(listener.replica);
        await listener.close();
      }
      expect([...met], `replicas met from 203.0.${network}.9`).to.have.length(1);
      for (const replica of met) homes.add(replica);
    }
    expect(homes.size, 'addresses are spread over replicas').to.be.greaterThan(1);
  });

  it('are told to reconnect by a replica that stops, and go on at another one without a gap', async () => {
    const crowd = await Crowd.gather(stack, 'sockets', 10);
    try {
      await crowd.watchRuns(15);
      const [first] = crowd.spectators;
      const leaving = (await stack.containers('api')).find((one) => replicaIdOf(one) === first?.listener.replica);
      if (leaving === undefined) throw new Error(`${first?.listener.replica} is nobody's name`);
      const affected = crowd.spectators.filter(({ listener }) => listener.replica === replicaIdOf(leaving));
      await execa('docker', ['stop', leaving.Id]);
      const [stopped] = (await stack.containers('api')).filter(({ Id }) => Id === leaving.Id);
      expect(stopped?.State, 'SIGTERM reached Node, which ended by itself').to.include({
        Status: 'exited',
        ExitCode: 0,
      });
      for (const { userId, listener } of affected) {
        await listener.heard(() => listener.ofType('RESUMED').length > 0, `${userId} to be back`);
        expect(listener.ofType('SERVER_DRAINING'), `${userId} was told`).to.have.length(1);
        expect(listener.replica).not.to.equal(replicaIdOf(leaving));
      }
      await crowd.hearsEverything(60_000);
    } finally {
      await crowd.leave();
      await stack.scale(3);
    }
  });
});
