import { expect } from 'chai';
import { sampleIncident, sampleMaintenance } from '../../../../tests/support/sample-incident.ts';
import { feed } from './feed.ts';

const AT = '2026-01-01T14:02:03.000Z';

describe('the feed', () => {
  it('has an item per incident, the one that was spoken of last at the top, new for readers at each word', () => {
    const later = {
      id: '0198c0de-0000-7000-8000-0000000000c2',
      status: 'identified',
      message: 'A cable.',
      by: null,
      at: '2026-01-01T13:00:00.000Z',
    } as const;
    const incident = sampleIncident({ status: 'identified' });
    const spoken = { ...incident, updates: [later, ...incident.updates] };
    const text = feed(
      [sampleIncident({ id: '0198c0de-0000-7000-8000-0000000000b9', title: 'Older' }), spoken],
      'https://w.example',
      AT,
    );
    expect(text.match(/<title>[^<]+<\/title>/g)).to.deep.equal([
      '<title>Weir status</title>',
      '<title>Identified: Slow model</title>',
      '<title>Investigating: Older</title>',
    ]);
    expect(text).to.include('<pubDate>Thu, 01 Jan 2026 13:00:00 GMT</pubDate>');
    expect(text).to.include(`<link>https://w.example/status#incident-${incident.id}</link>`);
    const guid = (items: string) => /<guid[^>]*>([^<]+)/.exec(items)?.[1];
    expect(guid(feed([incident], '', AT))).to.not.equal(guid(feed([spoken], '', AT)));
  });

  it('is well-formed whatever people write', () => {
    const text = feed([sampleMaintenance({ title: 'a & b < c \u0001 \ud800 "q" ]]>' })], '', AT);
    expect(text).to.include('a &amp; b &lt; c \ufffd \ufffd &quot;q&quot; ]]&gt;');
    expect(text).to.match(/^<\?xml version="1.0" encoding="utf-8"\?>\n<rss version="2.0"/);
  });
});
