import { expect } from 'chai';
import { EXPORTED } from '../../tests/support/monitoring/exported-metrics.ts';
import { isReported, labelsOf } from '../../tests/support/monitoring/known-metrics.ts';
import { selectorsOf } from '../../tests/support/monitoring/promql-selectors.ts';
import { alertRules, recordingRules } from '../../tests/support/monitoring/rule-files.ts';

/** Given to every series by Prometheus itself, or by the form of a histogram. */
const COMMON_LABELS = ['job', 'instance', 'le'];

describe('metrics that rules ask for', () => {
  const selectors = [...alertRules(), ...recordingRules()].flatMap(({ expr }) => selectorsOf(expr));
  const inSentences = alertRules().flatMap(({ annotations }) =>
    [
      ...Object.values(annotations)
        .join(' ')
        .matchAll(/query "([^"]+)"/g),
    ].flatMap(([, expr = '']) => selectorsOf(expr)),
  );

  it('are recorded, reported by a replica, or by an exporter that is named', () => {
    const asked = [...selectors, ...inSentences].map(({ metric }) => metric);
    expect(asked.filter((metric) => !isReported(metric))).to.deep.equal([]);
  });

  it('are picked by labels that a replica gives them', () => {
    const wrong = selectors.flatMap(({ metric, labels }) => {
      const known = [...(labelsOf(metric) ?? labels), ...COMMON_LABELS];
      return labels.filter((label) => !known.includes(label)).map((label) => `${metric}{${label}}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('leave none of an exporter’s metrics named for nothing', () => {
    const asked = new Set(selectors.map(({ metric }) => metric));
    const named = Object.values(EXPORTED).flat();
    expect(named.filter((name) => !asked.has(name))).to.deep.equal([]);
  });
});
