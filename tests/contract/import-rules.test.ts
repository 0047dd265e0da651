import { expect } from 'chai';
import { faultsOf, importsOf } from './import-rules.ts';

describe('import rules', () => {
  it('finds imports, re-exports, side-effect and dynamic imports', () => {
    const text =
      "import { a } from './a.ts';\nexport * from './b.ts';\nimport './c.ts';\nconst d = await import('./d.ts');";
    expect(importsOf('x.ts', text).map((found) => found.target)).to.deep.equal([
      './a.ts',
      './b.ts',
      './c.ts',
      './d.ts',
    ]);
  });

  it('refuses a role that imports another, redis that imports db, and an upward import', () => {
    expect(faultsOf({ file: 'services/worker/worker.ts', target: '../dispatcher/leader.ts' })).to.have.length(1);
    expect(faultsOf({ file: 'redis/store.ts', target: '../db/database.ts' })).to.have.length(1);
    expect(faultsOf({ file: 'shared/protocol/http.ts', target: '../config/load.ts' })).to.have.length(1);
  });

  it('refuses a library outside its owner, and Node modules in the layer that runs in a browser', () => {
    expect(faultsOf({ file: 'services/worker/worker.ts', target: 'ioredis' })).to.have.length(1);
    expect(faultsOf({ file: 'shared/protocol/events.ts', target: 'node:fs' })).to.have.length(1);
  });

  it('refuses what tests use in the product, not in a bench', () => {
    const target = '../../tests/support/test-run.ts';
    expect(faultsOf({ file: 'services/worker/worker.ts', target })).to.have.length(1);
    expect(faultsOf({ file: 'loadtests/bench/bench-servers.ts', target })).to.deep.equal([]);
    expect(faultsOf({ file: 'loadtests/bench/flow.ts', target: '../../tests/chaos/scene.ts' })).to.have.length(1);
  });

  it('allows what the layers allow', () => {
    expect(faultsOf({ file: 'services/worker/worker.ts', target: '../../redis/store.ts' })).to.deep.equal([]);
    expect(faultsOf({ file: 'redis/lock.ts', target: 'redlock' })).to.deep.equal([]);
  });
});
