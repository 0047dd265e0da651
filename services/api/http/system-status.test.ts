import { expect } from 'chai';
import type { CapacityState } from '../../../redis/results.ts';
import { TEXTS } from '../../../shared/protocol/texts.ts';
import { calmState } from '../../../tests/support/api/observations.ts';
import { sampleIncident, sampleMaintenance } from '../../../tests/support/sample-incident.ts';
import { type StatusParts, systemStatus } from './system-status.ts';

const state = (change: Partial<CapacityState> = {}): CapacityState => ({ ...calmState(), queueLength: 1, ...change });

function statusOf(parts: Partial<StatusParts>) {
  const all = {
    parts: { postgres: 'up', redis: 'up' },
    disabled: [],
    providers: [],
    incidents: [],
    now: new Date(0),
  } as const;
  return systemStatus({ ...all, incidents: [], providers: [], state: state(), ...parts });
}

const level = (name: CapacityState['level']['level']) => state({ level: { ...state().level, level: name } });

describe('system status', () => {
  it('is Degraded while another provider than the primary answers, and says so', () => {
    const provider = (name: 'primary' | 'backup', active: boolean) =>
      ({ name, role: name, status: active ? 'operational' : 'down', active, since: null }) as const;
    const models = (status: ReturnType<typeof statusOf>) => status.components.find(({ name }) => name === 'models');
    const switched = statusOf({ providers: [provider('primary', false), provider('backup', true)] });
    expect(switched).to.include({ status: 'Degraded', message: TEXTS.providerSwitched });
    expect(models(switched)).to.include({ status: 'degraded' });
    const none = statusOf({ providers: [provider('primary', false), provider('backup', false)] });
    expect(none.status).to.equal('Degraded');
    expect(none.message).to.match(/No model provider answers/);
    expect(models(none)).to.include({ status: 'down' });
    expect(statusOf({ providers: [provider('primary', true), provider('backup', false)] })).to.include({
      status: 'Healthy',
      message: null,
    });
    expect(models(statusOf({ providers: [] }))).to.include({ status: 'operational' });
  });

  it('is Healthy when all is there, and tells what a newcomer would wait', () => {
    const status = statusOf({});
    expect(status).to.include({ status: 'Healthy', message: null });
    expect(status.capacity).to.deep.equal({
      level: 'normal',
      active_users: 3,
      max_users: 25,
      active_workflows: 2,
      max_workflows: 10,
    });
    expect(status.queue).to.deep.equal({ length: 1, estimated_wait_seconds: 8 });
    expect(status.components.every((component) => component.status === 'operational')).to.equal(true);
  });

  it('says "High demand" from elevated on, and is Degraded from degraded on; what is off is told as it is', () => {
    expect(statusOf({ state: level('elevated') })).to.include({ status: 'Healthy', message: TEXTS.highDemand });
    for (const name of ['degraded', 'saturated'] as const) {
      const status = statusOf({ state: level(name), disabled: ['read_receipts', 'presence'] });
      expect(status.status).to.equal('Degraded');
      expect(status.features.disabled).to.deep.equal(['read_receipts', 'presence']);
    }
  });

  it('is Degraded without Redis: what is accepted waits', () => {
    const status = statusOf({ state: null, parts: { postgres: 'up', redis: 'down' } });
    expect(status.status).to.equal('Degraded');
    expect(status.message).to.match(/accepted/);
    expect(status.capacity.level).to.equal(null);
    expect(status.components).to.deep.include({ name: 'redis', status: 'down' });
  });

  it('is Down without Postgres: nothing can be accepted', () => {
    const status = statusOf({ parts: { postgres: 'down', redis: 'up' } });
    expect(status.status).to.equal('Down');
    expect(status.message).to.match(/cannot accept/);
  });

  it('is Degraded without a leader, without workers, or with an incident', () => {
    expect(statusOf({ state: state({ leader: null }) }).status).to.equal('Degraded');
    expect(
      statusOf({ state: state({ replicas: state().replicas.map((replica) => ({ ...replica, roles: ['api'] })) }) })
        .status,
    ).to.equal('Degraded');
    expect(statusOf({ incidents: [sampleIncident()] }).status).to.equal('Degraded');
    expect(statusOf({ incidents: [sampleIncident({ impact: 'none' })] }).status).to.equal('Healthy');
  });

  it('tells known issues apart from maintenance, which degrades nothing before it begins', () => {
    const due = '2026-01-01T00:10:00.000Z';
    const issue = sampleIncident({ impact: 'none', estimated_resolution_at: due, estimate_confidence: 'medium' });
    const planned = statusOf({ incidents: [issue, sampleMaintenance()] });
    expect(planned).to.include({ status: 'Healthy', estimated_resolution_at: due, estimate_confidence: 'medium' });
    expect(planned.incidents).to.deep.equal([issue]);
    expect(planned.maintenance).to.deep.equal([sampleMaintenance()]);
    expect(statusOf({ incidents: [sampleMaintenance({ status: 'in_progress' })] }).status).to.equal('Degraded');
  });
});
