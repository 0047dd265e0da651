import { expect } from 'chai';
import { createMetrics } from '../../shared/observability/metrics.ts';
import type { CapacityLevel } from '../../shared/workflow/capacity-level.ts';
import { metricValue } from '../../tests/support/metric-value.ts';
import { LevelChanges } from './level-changes.ts';

describe('LevelChanges', () => {
  async function counted(...seen: Array<[CapacityLevel, number]>): Promise<Record<string, number>> {
    const { levelChanges } = createMetrics().capacity;
    const changes = new LevelChanges(levelChanges);
    for (const [level, sequence] of seen) changes.observe({ level, sequence });
    const to = async (level: CapacityLevel) => [level, await metricValue(levelChanges, { to: level })] as const;
    const all = await Promise.all((['normal', 'elevated', 'degraded', 'saturated'] as const).map(to));
    return Object.fromEntries(all.filter(([, count]) => count > 0));
  }

  it('counts each change once, however often it is seen', async () => {
    expect(
      await counted(['normal', 7], ['elevated', 8], ['elevated', 8], ['normal', 9], ['elevated', 10]),
    ).to.deep.equal({
      elevated: 2,
      normal: 1,
    });
  });

  it('counts nothing for the level it begins with, nor for one that is late', async () => {
    expect(await counted(['saturated', 7])).to.deep.equal({});
    expect(await counted(['saturated', 7], ['elevated', 6], ['degraded', 8])).to.deep.equal({ degraded: 1 });
  });

  it('takes a level that Redis had lost and found again for no change', async () => {
    expect(await counted(['normal', 7], ['normal', 1_800_000_000_000])).to.deep.equal({});
  });

  it('shows every level from 0 on', async () => {
    const page = await createMetrics().registry.getSingleMetricAsString('weir_level_changes_total');
    for (const level of ['normal', 'elevated', 'degraded', 'saturated']) expect(page).to.include(`{to="${level}"} 0`);
  });
});
