import { expect } from 'chai';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { oneRun } from './bystander.ts';

/** "Within a second", with room for a machine that does other things as well. */
const WITHIN_MS = 2_000;

describe('Postgres away, then Redis too', function () {
  this.timeout(120_000);
  let stage: Stage;
  let nap: string;

  before(async () => {
    stage = await Stage.open({ replicas: 2 });
    nap = await stage.workflow('nap', delayStep('wait', 0.05));
  });
  after(async () => {
    await stage?.close();
  });

  it('starts are refused with 503 and Retry-After, what runs goes on and is kept, nobody ends, and all is well afterwards', async () => {
    const alice = stage.person('alice');
    const { replicas, postgres, redis, nginxUrl } = stage.cluster;
    const pids = replicas.map(({ pid }) => pid);
    const three = await stage.workflow('three', delayStep('one', 1), delayStep('two', 0.2), delayStep('three', 0.2));
    const running = await alice.start({ workflow_id: three });
    const { run_id } = running.body;
    await until(async () => (await alice.api().getRun(run_id)).status === 'running', {
      timeoutMs: 5_000,
      what: 'it to run',
    });

    const expectRefused = async (why: string) => {
      for (const at of [undefined, ...replicas]) {
        const begun = performance.now();
        const { status, headers, body } = await alice.start({ workflow_id: nap }, { at });
        expect([status, body.code], why).to.deep.equal([503, 'storage_unavailable']);
        expect(Number(headers.get('retry-after'))).to.be.at.least(1);
        expect(performance.now() - begun, `${why}: ms`).to.be.below(WITHIN_MS);
      }
      for (const { url } of [...replicas, { url: nginxUrl }])
        expect((await fetch(`${url}/health`)).status, why).to.equal(200);
      expect(
        replicas.map(({ pid }) => pid),
        why,
      ).to.deep.equal(pids);
    };
    await postgres.stop();
    await expectRefused('Postgres away');
    await redis.stop();
    await expectRefused('both away');
    await until(async () => (await alice.api().status()).status === 'Down', {
      timeoutMs: 10_000,
      what: 'the status to say so',
    });
    await redis.start();
    await expectRefused('Redis back');
    await postgres.start();

    const [ended] = await stage.record.ended([run_id], 30_000);
    expect(ended?.status).to.equal('succeeded');
    const { steps = [] } = await until(() => alice.api().getRun(run_id), { timeoutMs: 10_000, what: 'the run' });
    expect(steps.map(({ name }) => name)).to.deep.equal(['one', 'two', 'three']);
    await until(() => oneRun(alice, nap).then(() => true), { timeoutMs: 30_000, what: 'a run to go through' });
    expect(replicas.map(({ pid }) => pid)).to.deep.equal(pids);
  });
});
