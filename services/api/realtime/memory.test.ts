import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { type Rig, startRig } from '../../../tests/support/realtime-rig.ts';
import { until } from '../../../tests/support/until.ts';

const SOCKETS = 800;
const CLIENTS = fileURLToPath(new URL('../../../tests/support/idle-sockets.ts', import.meta.url));

describe('memory of sockets', () => {
  let rig: Rig;
  let clients: ChildProcess;
  before(async () => {
    rig = await startRig();
    clients = fork(CLIENTS, { execArgv: ['--import', 'tsx'] });
  });
  after(async () => {
    clients.kill();
    await rig.close();
  });

  it('is at most 15 KB for an idle one, and given back when it closes', async () => {
    const collect = collector();
    const gateway = await rig.gateway();
    const first = rig.connect(gateway, 'first');
    await first.greeted();
    const before = await collect();
    const tokens = Array.from({ length: SOCKETS }, (_, n) => rig.token(`idle-${n}`));
    clients.send({ url: `${gateway.baseUrl.replace('http', 'ws')}/ws`, tokens });
    await once(clients, 'message');
    const open = await collect();
    expect(gateway.realtime.sockets).to.equal(SOCKETS + 1);
    expect((open - before) / SOCKETS).to.be.lessThan(15_000);
    clients.kill();
    await until(() => gateway.realtime.sockets === 1, { timeoutMs: 20_000, what: 'the sockets to be gone' });
    // Verified tokens and the lines of the recorded log stay.
    expect(((await collect()) - before) / SOCKETS).to.be.lessThan(4_000);
  }).timeout(60_000);
});

/** Bytes of heap in use after a full collection. */
function collector(): () => Promise<number> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  return async () => {
    // What a socket leaves behind is freed over a few turns of the event loop.
    for (let i = 0; i < 5; i++) {
      await new Promise(setImmediate);
      collect();
    }
    return process.memoryUsage().heapUsed;
  };
}
