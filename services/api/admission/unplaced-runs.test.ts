import { expect } from 'chai';
import type { Placeable } from './placeable.ts';
import { UnplacedRuns } from './unplaced-runs.ts';

function run(runId: string, userId: string, acceptedAt: number, seq: number): Placeable {
  const workflow = { workflowId: 'w', workflowName: 'w' };
  return { runId, userId, acceptedAt, seq, ...workflow, priority: 'normal', expiresAt: 0, attemptFloor: 0 };
}

describe('UnplacedRuns', () => {
  it('counts per user, also when a run is added twice or removed twice', () => {
    const runs = new UnplacedRuns();
    runs.add(run('a', 'ann', 1, 1));
    runs.add(run('a', 'ann', 1, 1));
    runs.add(run('b', 'ann', 2, 2));
    expect([runs.size, runs.ofUser('ann'), runs.ofUser('bob')]).to.deep.equal([2, 2, 0]);
    runs.delete('a');
    runs.delete('a');
    expect([runs.size, runs.ofUser('ann')]).to.deep.equal([1, 1]);
  });

  it('gives all back in the order of acceptance, whatever the order in which batches returned', () => {
    const runs = new UnplacedRuns();
    for (const item of [run('c', 'ann', 7, 3), run('a', 'bob', 5, 2), run('b', 'ann', 7, 1)]) runs.add(item);
    expect(runs.earliest).to.equal(5);
    expect(runs.takeAll().map((item) => item.runId)).to.deep.equal(['a', 'b', 'c']);
    expect([runs.size, runs.ofUser('ann'), runs.earliest]).to.deep.equal([0, 0, Number.POSITIVE_INFINITY]);
  });
});
