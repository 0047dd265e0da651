import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { LEVEL_ENTRY_PERCENT } from '../../shared/workflow/capacity-level.ts';
import { LIMITS, type Thresholds, userLevels } from './thresholds.ts';

const RULES = new URL('../prometheus/rules/', import.meta.url);

interface RuleFile {
  groups: Array<{ rules: Array<{ alert?: string; expr: string; labels?: { severity?: string } }> }>;
}

/** Alerts about the same figure: the warning, and the critical one where there is one. */
const ALERTS: Record<keyof typeof LIMITS, [warning: string, critical?: string]> = {
  cpu: ['ReplicaCpuHigh', 'ReplicaCpuCritical'],
  memory: ['ReplicaMemoryHigh', 'ReplicaMemoryCritical'],
  p95: ['LatencyHigh', 'LatencyCritical'],
  errorRate: ['ErrorRateHigh', 'ErrorRateCritical'],
  disk: ['DiskFilling', 'DiskAlmostFull'],
  queueWait: ['QueueWaitLong', 'QueueWaitNearLimit'],
  burnRate: ['ErrorBudgetBurnsSlowly', 'ErrorBudgetBurnsFast'],
  redisMemory: ['RedisMemoryHigh', 'RedisMemoryCritical'],
  eventLoopLag: ['EventLoopBlocked'],
  eventLoopBusy: ['EventLoopBusy'],
  redisRoundTrip: ['RedisSlow'],
  queue: ['QueueNearLimit'],
  standbyBehindBytes: ['PostgresReplicationLag'],
};

describe('colours of the dashboards', () => {
  it('users: another one for each level', () => {
    const { green, ...others } = colours(userLevels());
    expect(green).to.equal(null);
    expect(Object.values(others)).to.deep.equal(Object.values(LEVEL_ENTRY_PERCENT).map((percent) => percent / 100));
  });

  const alerts = new Map(
    readdirSync(RULES)
      .flatMap((name) => (parse(readFileSync(new URL(name, RULES), 'utf8')) as RuleFile).groups)
      .flatMap(({ rules }) => rules.map((rule) => [rule.alert ?? '', rule] as const)),
  );
  const ruleOf = (name: string) => alerts.get(name) ?? { expr: `no alert ${name}`, labels: {} };

  for (const [name, [warning, critical]] of Object.entries(ALERTS)) {
    it(`${name}: orange where ${warning} warns${critical === undefined ? '' : `, red where ${critical} calls`}`, () => {
      const { orange, red } = colours(LIMITS[name as keyof typeof LIMITS]());
      expect(limitsIn(ruleOf(warning).expr), warning).to.include(orange);
      if (critical === undefined) return;
      expect(limitsIn(ruleOf(critical).expr), critical).to.include(red);
      expect([warning, critical].map((alert) => ruleOf(alert).labels?.severity)).to.deep.equal(['warning', 'critical']);
    });
  }
});

function colours(thresholds: Thresholds): Record<string, number | null> {
  return Object.fromEntries(thresholds.build().steps.map(({ color, value }) => [color, value]));
}

/** Numbers after `>`; products are multiplied. */
function limitsIn(expression: string): number[] {
  return [...expression.matchAll(/>=?\s*([\d.]+(?:\s*\*\s*[\d.]+)*)/g)].map(([, product = '']) =>
    product.split('*').reduce((all, factor) => all * Number(factor), 1),
  );
}
