import { expect } from 'chai';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { EXPORTED } from '../../tests/support/monitoring/exported-metrics.ts';
import { type Selector, selectorsOf } from '../../tests/support/monitoring/promql-selectors.ts';
import { alertRules, recordingRules } from '../../tests/support/monitoring/rule-files.ts';

/** Given to every series by Prometheus itself, or by the form of a histogram. */
const COMMON_LABELS = ['job', 'instance', 'le'];

const selectors = [...alertRules(), ...recordingRules()].flatMap(({ expr }) => selectorsOf(expr));
const queried = [...alertRules()].flatMap(({ annotations }) =>
  [...`${annotations.summary} ${annotations.description}`.matchAll(/query "([^"]+)"/g)].flatMap(([, expr = '']) =>
    selectorsOf(expr),
  ),
);

describe('metrics that rules ask for', () => {
  const { declared, registry } = createMetrics();
  const ofReplica = new Map(declared.map((metric) => [metric.name, metric]));
  const recorded = new Set(recordingRules().map(({ record }) => record));
  const others = new Set(['up', ...Object.values(EXPORTED).flat()]);
  const ofNode = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  const base = (metric: string) => {
    const name = metric.replace(/_(bucket|count|sum)$/, '');
    return ofReplica.get(name)?.type === 'histogram' ? name : metric;
  };
  const isKnown = ({ metric }: Selector) =>
    ofReplica.has(base(metric)) || recorded.has(metric) || others.has(metric) || ofNode.has(metric);

  it('are recorded, reported by a replica, or by an exporter that is named', () => {
    const unknown = [...selectors, ...queried].filter((selector) => !isKnown(selector));
    expect(unknown.map(({ metric }) => metric)).to.deep.equal([]);
  });

  it('are picked by labels that a replica gives them', () => {
    const wrong = selectors.flatMap(({ metric, labels }) => {
      const known = ofReplica.get(base(metric))?.labels;
      return known === undefined
        ? []
        : labels.filter((label) => ![...known, ...COMMON_LABELS].includes(label)).map((label) => `${metric}{${label}}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('hold no exporter’s metric that no rule asks for', () => {
    const asked = new Set(selectors.map(({ metric }) => metric));
    expect([...others].filter((name) => !asked.has(name))).to.deep.equal([]);
  });
});
