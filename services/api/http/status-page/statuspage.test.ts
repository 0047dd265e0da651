import { expect } from 'chai';
import { type SystemStatus, statuspageSummarySchema, systemStatusSchema } from '../../../../shared/protocol/http.ts';
import { sampleStatus } from '../../../../tests/support/api/standing.ts';
import { sampleIncident, sampleMaintenance } from '../../../../tests/support/sample-incident.ts';
import { staleStatus, staleSummary } from './stale.ts';
import { statuspageSummary } from './statuspage.ts';

const summary = (but: Partial<SystemStatus> = {}) =>
  statuspageSummarySchema.parse(statuspageSummary(sampleStatus(but), 'https://w.example'));
const components = (name: string, status: 'degraded' | 'down') =>
  sampleStatus().components.map((one) => (one.name === name ? { ...one, status } : one));

describe('the shape of Statuspage', () => {
  it('names the worst of what is seen and of what incidents say', () => {
    expect(summary().status).to.deep.equal({ indicator: 'none', description: 'All Systems Operational' });
    expect(summary({ status: 'Degraded' }).status.indicator).to.equal('minor');
    expect(summary({ status: 'Degraded', components: components('models', 'degraded') }).status.indicator).to.equal(
      'minor',
    );
    expect(summary({ status: 'Degraded', components: components('redis', 'down') }).status.indicator).to.equal('major');
    expect(summary({ incidents: [sampleIncident({ impact: 'critical' })] }).status.indicator).to.equal('critical');
    expect(summary({ status: 'Down', components: components('postgres', 'down') }).status.indicator).to.equal(
      'critical',
    );
  });

  it('knows components, incidents with their updates, and maintenance apart from them', () => {
    const due = { estimated_resolution_at: '2026-01-01T15:00:00.000Z', estimate_confidence: 'high' } as const;
    const found = summary({
      status: 'Degraded',
      components: components('redis', 'degraded'),
      incidents: [sampleIncident(due)],
      maintenance: [sampleMaintenance()],
    });
    expect(found.components.find(({ id }) => id === 'redis')).to.include({
      status: 'degraded_performance',
      name: 'Coordination',
    });
    expect(found.incidents[0]).to.deep.include({
      ...due,
      name: 'Slow model',
      impact: 'minor',
      status: 'investigating',
    });
    expect(found.incidents[0]?.incident_updates[0]).to.include({ body: 'We are looking into it.' });
    expect(found.incidents[0]?.shortlink).to.match(/^https:\/\/w\.example\/status#incident-/);
    expect(found.scheduled_maintenances).to.have.length(1);
    expect(found.page.url).to.equal('https://w.example/status');
  });

  it('says what is under maintenance, which alone is no trouble', () => {
    const found = summary({ status: 'Degraded', maintenance: [sampleMaintenance({ status: 'in_progress' })] });
    expect(found.status.indicator).to.equal('maintenance');
    expect(found.components.find(({ id }) => id === 'postgres')?.status).to.equal('under_maintenance');
  });

  it('served when nobody can be asked is never good', () => {
    const stale = systemStatusSchema.parse(staleStatus(sampleStatus()));
    expect(stale).to.include({ status: 'Down', message: 'As of 14:02 UTC on 2026-01-01, live data unavailable' });
    expect(stale.components.some(({ status }) => status === 'operational')).to.equal(false);
    expect(stale.capacity.active_users).to.equal(null);
    const { status } = statuspageSummarySchema.parse(staleSummary(sampleStatus(), ''));
    expect(status).to.deep.equal({ indicator: 'critical', description: stale.message });
  });
});
