import { expect } from 'chai';
import { sampleStanding, sampleStatus, sampleUptime } from '../../../../tests/support/api/standing.ts';
import { sampleIncident, sampleMaintenance } from '../../../../tests/support/sample-incident.ts';
import { statusPage } from './page.ts';

const live = (...args: Parameters<typeof sampleStanding>) => statusPage(sampleStanding(...args), { stale: false });

describe('the status page', () => {
  it('says in words how things are, without any script', () => {
    expect(live()).to.include('<h1>All systems are working</h1>').and.include('5 of 25');
    const page = live({
      status: sampleStatus({
        status: 'Degraded',
        message: 'High demand - new workflows may be delayed',
        features: { disabled: ['read_receipts', 'typing'] },
        providers: [{ name: 'big', role: 'primary', status: 'down', active: false, since: null }],
        queue: { length: 7, estimated_wait_seconds: 30 },
      }),
    });
    for (const words of [
      'Some systems are degraded',
      'High demand - new workflows may be delayed',
      'off: read receipts, typing',
      'Model provider big',
      '7, about 30 s for the next to join',
    ])
      expect(page).to.include(words);
    expect(page).to.not.include('All systems');
  });

  it('tells of every known issue what was said about it and when it should be over, or that nobody knows', () => {
    const known = sampleIncident({
      estimated_resolution_at: '2026-01-01T14:30:00.000Z',
      estimate_confidence: 'medium',
    });
    const [at, sure] = ['2026-01-01T14:30:00.000Z', 'low'] as const;
    const page = live({
      status: sampleStatus({
        incidents: [known, sampleIncident({ title: 'Other' })],
        estimated_resolution_at: at,
        estimate_confidence: sure,
      }),
    });
    expect(page).to.include('Slow model').and.include('We are looking into it.').and.include('Investigating');
    expect(page).to.include('Expected to be over at 14:30 UTC, probably.');
    expect(page).to.include('Expected to be over at 14:30 UTC, perhaps.');
    expect(page).to.include('When it will be over is not known yet.');
  });

  it('shows planned maintenance and what is over', () => {
    const over = sampleIncident({ title: 'Past one', status: 'resolved', resolved_at: '2026-01-01T01:00:00.000Z' });
    const page = live({ status: sampleStatus({ maintenance: [sampleMaintenance()] }), past: [over] });
    expect(page).to.include('Planned maintenance').and.include('New database version').and.include('2026-01-02');
    expect(page)
      .to.include('Past one')
      .and.include('over at <time datetime="2026-01-01T01:00:00.000Z">01:00 UTC</time>');
    expect(live()).to.include('None in the last two weeks');
  });

  it('has a bar for each of 90 days with its words, and rounds no trouble away', () => {
    const page = live({ uptime: sampleUptime({ uptime_ratio: 0.5, down_seconds: 1_800 }) });
    expect(page.match(/<rect /g)).to.have.length(6 * 90);
    expect(page.match(/<rect class="none"/g)).to.have.length(6 * 89);
    expect(page).to.include('<rect class="bad"').and.include('2026-01-01: down 30 min');
    expect(page).to.include('99.99 % uptime');
    expect(live({ uptime: null })).to.not.include('<rect');
  });

  it('is safe from what administrators write, and holds nothing that its policy would refuse', () => {
    const page = live({
      status: sampleStatus({ incidents: [sampleIncident({ title: '<script>alert(1)</script>' })] }),
    });
    expect(page).to.include('&lt;script&gt;alert');
    expect(page.match(/<script/g)).to.have.length(1);
    expect(page).to.not.match(/ style=|<style| on\w+=|https?:\/\/(?!www\.w3)/);
  });

  it('served when nobody can be asked says since when, and that nothing is working', () => {
    for (const status of [sampleStatus(), sampleStatus({ status: 'Degraded', incidents: [sampleIncident()] })]) {
      const page = statusPage(sampleStanding({ status }), { stale: true });
      expect(page).to.include('As of 14:02 UTC on 2026-01-01, live data unavailable');
      expect(page).to.include('data-stale="true"').and.include('Working at 14:02 UTC');
      expect(page).to.not.match(/All systems|class="state|5 of 25|>Working</);
    }
  });
});
