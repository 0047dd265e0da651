import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { inspectorOf } from '../../services/local/cluster/replica-part.ts';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { Ports } from '../../services/local/state/ports.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { startCluster } from '../../tests/support/cluster.ts';
import { testDir } from '../../tests/support/test-run.ts';
import { until } from '../../tests/support/until.ts';
import { localVitals } from './local-vitals.ts';

describe('the vitals of the local cluster', function () {
  this.timeout(120_000);
  let cluster: LocalCluster;

  before(async () => {
    cluster = await startCluster({ replicas: 2 });
  });
  after(() => cluster?.close());

  it('are read beside each other, heaps are looked into more than once, and nothing is left open or lying about', async () => {
    const folder = testDir('looks');
    const state = new StateDir(dirname(cluster.logDir));
    const vitals = await localVitals(state, folder);
    if (vitals === null) throw new Error('no cluster was found');
    const parts = new Set((await vitals.read()).map(({ part }) => part));
    expect([...parts].sort()).to.deep.equal(['redis', 'replica-1', 'replica-2']);

    await vitals.look();
    // One that was replaced since, or dies before the end, holds nobody up.
    const [first] = cluster.replicas;
    await first?.kill();
    await first?.start();
    const looked = await vitals.look();
    expect(looked.map(({ part, quantity }) => `${part} ${quantity}`)).to.deep.equal([
      'replica-1 objects',
      'replica-2 objects',
    ]);
    for (const { value } of looked) expect(value).to.be.within(5_000_000, 100_000_000);
    expect(readdirSync(folder)).to.deep.equal([]);

    const ports = cluster.replicas.map(({ id }) => new Ports(state).known(inspectorOf(id)) ?? 0);
    const isOpen = (port: number) =>
      fetch(`http://127.0.0.1:${port}/json/list`).then(
        () => true,
        () => false,
      );
    expect(await Promise.all(ports.map(isOpen))).to.deep.equal([true, true]);
    await first?.kill();
    await vitals.close();
    await first?.start();
    await until(async () => !(await Promise.all(ports.map(isOpen))).includes(true), {
      timeoutMs: 20_000,
      what: 'the inspectors to close',
    });
    for (const { url } of cluster.replicas) expect((await fetch(`${url}/ready`)).status).to.equal(200);
  });

  it('are none where no cluster was started', async () => {
    expect(await localVitals(new StateDir(testDir('empty')).create(), testDir('looks'))).to.equal(null);
  });
});
