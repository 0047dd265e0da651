import { dirname } from 'node:path';
import { expect } from 'chai';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { StateDir } from '../../services/local/state/state-dir.ts';
import { startCluster } from '../../tests/support/cluster.ts';
import { testDir } from '../../tests/support/test-run.ts';
import { localVitals } from './local-vitals.ts';

describe('the vitals of the local cluster', function () {
  this.timeout(120_000);
  let cluster: LocalCluster;

  before(async () => {
    cluster = await startCluster({ replicas: 2 });
  });
  after(() => cluster?.close());

  it('are read from its replicas and its Redis; one that is gone gives none and holds nobody up', async () => {
    const vitals = await localVitals(new StateDir(dirname(cluster.logDir)));
    if (vitals === null) throw new Error('no cluster was found');
    const parts = async () => [...new Set((await vitals.read()).map(({ part }) => part))].sort();
    try {
      expect(await parts()).to.deep.equal(['redis', 'replica-1', 'replica-2']);
      await cluster.replicas[0]?.kill();
      expect(await parts()).to.deep.equal(['redis', 'replica-2']);
    } finally {
      vitals.close();
    }
  });

  it('are none where no cluster was started', async () => {
    expect(await localVitals(new StateDir(testDir('empty')).create())).to.equal(null);
  });
});
