import { expect } from 'chai';
import { sampleIncident } from '../../../tests/support/sample-incident.ts';
import { outlook } from './outlook.ts';

const incident = (estimated_resolution_at: string | null, estimate_confidence: 'high' | 'medium' | 'low' | null) =>
  sampleIncident({ estimated_resolution_at, estimate_confidence });
const [early, late] = ['2026-01-01T00:05:00.000Z', '2026-01-01T00:10:00.000Z'] as const;

describe('the outlook', () => {
  it('is the latest of all estimates and as sure as the least sure of them', () => {
    expect(outlook([incident(early, 'low'), incident(late, 'high')])).to.deep.equal({
      estimated_resolution_at: late,
      estimate_confidence: 'low',
    });
    expect(outlook([incident(late, 'medium'), incident(early, 'high')]).estimate_confidence).to.equal('medium');
  });

  it('is not known while it is not known of one of them, and when nothing is wrong', () => {
    const unknown = { estimated_resolution_at: null, estimate_confidence: null };
    expect(outlook([incident(early, 'high'), incident(null, null)])).to.deep.equal(unknown);
    expect(outlook([incident(null, null), incident(early, 'high')])).to.deep.equal(unknown);
    expect(outlook([])).to.deep.equal(unknown);
  });
});
