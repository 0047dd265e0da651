import { expect } from 'chai';
import { DispatcherRig } from '../../tests/support/dispatcher/dispatcher-rig.ts';
import { EstimatePublisher } from './estimate-publisher.ts';

describe('EstimatePublisher', () => {
  let rig: DispatcherRig;
  let publisher: EstimatePublisher;

  beforeEach(async () => {
    rig = await DispatcherRig.open({ limits: { max_workflows: 1 } });
    await rig.openGeneration(1);
    publisher = new EstimatePublisher({ cluster: rig.redis.cluster, queue: rig.redis.queue });
  });
  afterEach(() => rig.close());

  const curve = async () => {
    const state = await rig.redis.cluster.read();
    return state.kind === 'state' ? state.estimate : null;
  };

  it('publishes nothing before any run has finished', async () => {
    await rig.admit(await rig.accept(3));
    await publisher.round();
    expect(await curve()).to.equal(null);
  });

  it('publishes nothing while a start would not have to wait', async () => {
    await rig.admit(await rig.accept(1));
    await rig.end((await rig.begin()).run);
    await publisher.round();
    expect(await curve()).to.equal(null);
  });

  it('tells every place in the queue how long it waits, and the one behind the last too', async () => {
    await rig.admit(await rig.accept(1));
    await rig.end((await rig.begin()).run, 10_000);
    await rig.admit(await rig.accept(3));
    await publisher.round();
    const published = await curve();
    expect(published?.seconds.slice(0, 3)).to.deep.equal([10, 20, 30]);
    expect(published?.low?.length).to.equal(published?.seconds.length);
    expect(Math.abs((published?.at ?? 0) - (await rig.redis.cluster.now()))).to.be.below(1_000);
  });

  it('says that the state has to be rebuilt', async () => {
    await rig.redis.rebuild.begin(2);
    expect(await publisher.round()).to.deep.equal({ kind: 'rebuilding' });
  });
});
