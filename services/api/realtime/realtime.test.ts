import { expect } from 'chai';
import { numberedEvent, numbers } from '../../../tests/support/numbered-events.ts';
import { type Rig, type RigGateway, startRig } from '../../../tests/support/realtime-rig.ts';

describe('Realtime', () => {
  let rig: Rig;
  let gateway: RigGateway;
  before(async () => {
    rig = await startRig();
    gateway = await rig.gateway();
  });
  after(() => rig.close());

  it('greets a new socket with a snapshot and sends what happens next', async () => {
    const socket = rig.connect(gateway, 'ann');
    const first = await socket.greeted();
    expect(first.type).to.equal('SNAPSHOT');
    await rig.store.events.publish([1, 2, 3].map((n) => numberedEvent('ann', n)));
    await socket.has((frames) => numbers(frames).length === 3, 'three events');
    expect(numbers(socket.frames)).to.deep.equal([1, 2, 3]);
    expect(socket.stored.map(({ offset }) => offset)).to.deep.equal([1, 2, 3]);
  });
});
