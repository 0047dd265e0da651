import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { Rescue } from './rescue.ts';

describe('Rescue', () => {
  let rig: DispatcherRig;
  let rescue: Rescue;

  beforeEach(async () => {
    rig = await DispatcherRig.open();
    await rig.openGeneration(1);
    rescue = new Rescue({ slots: rig.redis.slots, metrics: rig.metrics.runs, log: rig.log });
  });
  afterEach(() => rig.close());

  /** Time passes with the leader at its post. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 5_000) {
      await rig.moveClock(Math.min(left, 5_000));
      await rescue.round(1);
    }
  };

  it('puts the run of a lost worker back to ready after one lease, with its slot, before everything else', async () => {
    const [lost, next] = await rig.accept(2);
    await rig.admit([lost, next].flatMap((run) => run ?? []));
    await rig.begin();
    await rig.admit(await rig.accept(1));
    await pass(14_000);
    expect(await rig.ready()).to.deep.equal([next?.id]);
    await pass(1_500);
    expect(await rig.ready()).to.deep.equal([lost?.id, next?.id]);
    expect(await rig.slotsHeld()).to.equal(2);
    expect(await metricValue(rig.metrics.runs.rescued)).to.equal(1);
    expect(rig.log.lines.some((line) => line.fields.run_id === lost?.id && line.fields.epoch === 1)).to.equal(true);
  });

  it('leaves a run alone whose worker renews', async () => {
    await rig.admit(await rig.accept(1));
    const { run } = await rig.begin();
    for (let i = 0; i < 4; i++) {
      await pass(5_000);
      await rig.redis.slots.renew([{ runId: run.id, attempt: run.attempt }]);
    }
    expect(await rig.ready()).to.deep.equal([]);
    expect(await metricValue(rig.metrics.runs.rescued)).to.equal(0);
  });

  it('does nothing for a leader whose epoch is over, or while the state has to be rebuilt', async () => {
    await rig.redis.cluster.refreshLevel(7);
    expect(await rescue.round(6)).to.deep.equal({ kind: 'stale_epoch' });
    await rig.redis.rebuild.begin(8);
    expect(await rescue.round(8)).to.deep.equal({ kind: 'rebuilding' });
  });
});
