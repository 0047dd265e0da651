import { expect } from 'chai';
import { type Rig, startRig } from '../../../tests/support/realtime-rig.ts';
import { until } from '../../../tests/support/until.ts';

describe('Hub', () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.close());

  it('counts closed sockets by the codes of the standard and ours, and all that clients make up as one', async () => {
    const gateway = await rig.gateway();
    const codes = [1000, 4500, 3000, 3001, 4711, 4999];
    for (const [n, code] of codes.entries()) {
      const socket = rig.connect(gateway, `user-${n}`);
      await socket.greeted();
      socket.socket.close(code);
    }
    await until(() => gateway.realtime.sockets === 0, { timeoutMs: 5_000, what: 'all sockets to be closed' });
    const { values } = await gateway.metrics.realtime.closes.get();
    const counted = Object.fromEntries(values.map(({ labels, value }) => [labels.code, value]));
    expect(counted).to.deep.equal({ 1000: 1, 4500: 1, other: 4 });
  });
});
