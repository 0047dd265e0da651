import { expect } from 'chai';
import type { LevelState } from '../../../redis/results.ts';
import { LevelWatch } from './level-watch.ts';

const state = (sequence: number, level: LevelState['level'], activeUsers = 1): LevelState => ({
  level,
  sequence,
  since: 0,
  activeUsers,
  maxUsers: 10,
});

describe('LevelWatch', () => {
  const watching = (read: () => Promise<LevelState> = () => Promise.reject(new Error('away'))) => {
    const changes: number[] = [];
    const watch = new LevelWatch({ read, onChange: ({ sequence }) => void changes.push(sequence) });
    return { watch, changes };
  };

  it('reports each change once, whichever source tells of it first, and never goes back', () => {
    const { watch, changes } = watching();
    for (const sequence of [4, 4, 5, 4, 7, 6, 7]) watch.observe(state(sequence, 'elevated'));
    expect(changes).to.deep.equal([4, 5, 7]);
    expect(watch.current?.sequence).to.equal(7);
  });

  it('keeps the number of users current although the level has not changed', () => {
    const { watch, changes } = watching();
    watch.observe(state(4, 'normal', 1));
    watch.observe(state(4, 'normal', 2));
    expect(watch.current?.activeUsers).to.equal(2);
    expect(changes).to.deep.equal([4]);
  });

  it('believes whatever Redis says after an outage, and asks when it is asked', async () => {
    const { watch, changes } = watching(() => Promise.resolve(state(2, 'normal')));
    watch.observe(state(9, 'saturated'));
    watch.forget();
    expect((await watch.known())?.level).to.equal('normal');
    expect(changes).to.deep.equal([9, 2]);
  });

  it('says that it does not know when Redis cannot be asked', async () => {
    const { watch, changes } = watching();
    expect(await watch.known()).to.equal(null);
    expect(changes).to.deep.equal([]);
  });
});
