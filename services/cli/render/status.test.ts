import { expect } from 'chai';
import type { SystemStatus } from '../../../shared/protocol/http.ts';
import { sampleIncident } from '../../../tests/support/sample-incident.ts';
import { renderStatus } from './status.ts';
import { createStyle } from './style.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const healthy: SystemStatus = {
  status: 'Healthy',
  message: null,
  capacity: { level: 'normal', active_users: 5, max_users: 25, active_workflows: 0, max_workflows: 10 },
  queue: { length: 0, estimated_wait_seconds: null },
  features: { disabled: [] },
  providers: [],
  components: [{ name: 'postgres', status: 'operational' }],
  incidents: [],
  maintenance: [],
  estimated_resolution_at: null,
  estimate_confidence: null,
  at: '2026-01-01T00:00:00.000Z',
};
const render = (status: SystemStatus) => renderStatus(status, 'http://w', createStyle(false), now);

describe('renderStatus', () => {
  it('is short while all is well', () => {
    expect(render(healthy)).to.deep.equal([
      'Weir is Healthy  http://w',
      '',
      `  users       ▰▰▰▰${'▱'.repeat(16)} 5 of 25   level normal`,
      `  workflows   ${'▱'.repeat(20)} 0 of 10`,
      '  queue       nobody waiting',
      '  features    all on',
      '  components  ✓ postgres',
    ]);
  });

  it('says what is wrong in words, not by colour alone', () => {
    const lines = render({
      ...healthy,
      status: 'Degraded',
      message: 'Very high demand',
      queue: { length: 7, estimated_wait_seconds: 30 },
      features: { disabled: ['read_receipts', 'typing'] },
      providers: [
        { name: 'big', role: 'primary', status: 'down', active: false, since: '2025-12-31T23:59:20.000Z' },
        { name: 'small', role: 'backup', status: 'operational', active: true, since: null },
      ],
      components: [{ name: 'redis', status: 'degraded' }],
      incidents: [
        sampleIncident({ title: 'Slow model', estimated_resolution_at: '2026-01-01T00:10:00.000Z' }),
        sampleIncident({ title: 'Late' }),
      ],
    });
    expect(lines[1]).to.equal('  Very high demand');
    expect(lines).to.include('  queue       7 waiting, about 30 s for the next to join');
    expect(lines).to.include('  features    off: read receipts, typing');
    expect(lines).to.include('  models      ✗ down: big (primary, since 40 s)   ✓ small (backup, in use)');
    expect(lines).to.include('  components  ! degraded: redis');
    expect(lines.slice(-2)).to.deep.equal(['  ! Slow model (over in about 10 min)', '  ! Late (end not known yet)']);
  });

  it('does not invent numbers while the shared state is out of reach', () => {
    const unknown = { level: null, active_users: null, max_users: null, active_workflows: null, max_workflows: null };
    const lines = render({
      ...healthy,
      status: 'Down',
      capacity: unknown,
      queue: { length: null, estimated_wait_seconds: null },
    });
    expect(lines.slice(2, 5)).to.deep.equal([
      '  users       not known   level not known',
      '  workflows   not known',
      '  queue       not known',
    ]);
  });
});
