import { expect } from 'chai';
import { RouterRig } from '../../../../tests/support/worker/router-rig.ts';

describe('the router without a backup', () => {
  let rig: RouterRig;

  beforeEach(async () => {
    rig = await RouterRig.open();
    await rig.use(rig.primaryAlone);
  });
  afterEach(() => rig.close());

  it('waits for the primary and succeeds when it comes back in time', async () => {
    rig.primary.control({ mode: 'outage', outage_ms: 1_500 });
    expect(await rig.ask().answer).to.include({ provider: 'primary' });
    expect(rig.primary.seen.length).to.be.at.most(10);
  }).timeout(15_000);

  it('fails with the reason, within its time, when it stays down', async () => {
    rig.primary.control({ mode: 'unavailable' });
    const asked = rig.ask({ timeoutMs: 2_500 });
    expect(await asked.failure()).to.include({ kind: 'server_error' });
    expect(performance.now() - asked.begunAt).to.be.below(4_000);
    expect(rig.primary.stats.active).to.equal(0);
  }).timeout(10_000);

  it('never shows a broken answer as a whole one, and has each broken one discarded', async () => {
    rig.primary.control({ mode: 'cut' });
    const asked = rig.ask({ timeoutMs: 3_000 });
    expect(await asked.failure()).to.include({ kind: 'truncated' });
    expect(asked.shown).to.equal('');
  }).timeout(10_000);

  it('fails at once when the primary asks for more patience than the step has', async () => {
    rig.primary.control({ mode: 'rate_limited_once' });
    const asked = rig.ask({ timeoutMs: 900 });
    expect(await asked.failure()).to.include({ kind: 'throttled' });
    expect(rig.primary.seen).to.have.length(1);
  });
});
