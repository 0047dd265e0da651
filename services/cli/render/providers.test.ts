import { expect } from 'chai';
import type { ProvidersAnswer } from '../../../shared/protocol/http.ts';
import { renderProviders } from './providers.ts';
import { createStyle } from './style.ts';

const style = createStyle(false);
const now = Date.parse('2026-01-01T00:01:00Z');
const about = { endpoint: 'api.example.com', model: 'm', large_model: null, recent_failures: [] };
const answer: ProvidersAnswer = {
  active: 'backup',
  active_since: '2026-01-01T00:00:20.000Z',
  forced: null,
  providers: [
    {
      ...about,
      name: 'primary',
      role: 'primary',
      active: false,
      state: 'open',
      since: '2026-01-01T00:00:20.000Z',
      reason: 'server_error',
      next_probe_at: '2026-01-01T00:01:20.000Z',
      recent_failures: [
        { at: '2026-01-01T00:00:19.000Z', kind: 'server_error', status: 503, replica: 'replica-2' },
        { at: '2026-01-01T00:00:18.000Z', kind: 'unreachable', status: null, replica: 'replica-1' },
      ],
    },
    {
      ...about,
      name: 'backup',
      role: 'backup',
      active: true,
      state: 'closed',
      since: null,
      reason: null,
      next_probe_at: null,
    },
  ],
};

describe('renderProviders', () => {
  const render = (but: Partial<ProvidersAnswer> = {}) => renderProviders({ ...answer, ...but }, style, now);

  it('says who answers since when, how each stands and why, and what has failed', () => {
    const lines = render();
    expect(lines[0]).to.equal('backup answers (since 40 s)');
    expect(lines.find((line) => line.startsWith('  primary'))).to.match(
      /primary +primary +open +40 s ago +server error +in 20 s +m +api\.example\.com/,
    );
    expect(lines.find((line) => line.startsWith('▸'))).to.match(/^▸ backup +backup +closed/);
    expect(lines.slice(-2)[0]).to.match(/41 s ago +primary +server error \(503\) +replica-2/);
    expect(lines.at(-1)).to.match(/unreachable +replica-1/);
  });

  it('says when one is forced and how that ends', () => {
    expect(render({ forced: 'backup' })[0]).to.contain('backup is forced; "weir providers release" ends it');
  });

  it('says when nobody can be asked, and when nobody is configured', () => {
    expect(render({ active: null })[0]).to.contain('No provider can be asked right now');
    expect(render({ providers: [] })[0]).to.contain('No model provider is configured');
  });
});
