import { expect } from 'chai';
import { DatabaseRig } from '../../../tests/support/db/database-rig.ts';
import { recordedLog } from '../../../tests/support/recorded-log.ts';
import { until } from '../../../tests/support/until.ts';
import { Withdrawals } from './withdrawals.ts';

describe('starts that may have been stored', function () {
  this.timeout(15_000);
  let rig: DatabaseRig;
  let withdrawals: Withdrawals;
  const log = recordedLog();

  beforeEach(async () => {
    rig = await DatabaseRig.open();
    withdrawals = new Withdrawals({ runs: rig.db.runs, log });
  });
  afterEach(async () => {
    await withdrawals.stop();
    await rig.close();
  });

  it('are taken back, also when they appear only after the first look', async () => {
    const run = rig.newRun();
    withdrawals.add([run.id]);
    await rig.db.runs.insertBatch([run]);
    await until(async () => (await rig.db.runs.get(run.id)) === null, { timeoutMs: 5_000, what: 'the run to be gone' });
  });

  it('stay when this process stood still: whoever was told to look may have found them', async () => {
    const id = await rig.oneQueued();
    withdrawals.add([id]);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_500);
    await until(() => log.lines.some(({ message }) => message.startsWith('too late')), {
      timeoutMs: 5_000,
      what: 'the taking back to be given up',
    });
    expect((await rig.db.runs.get(id))?.status).to.equal('queued');
  });
});
