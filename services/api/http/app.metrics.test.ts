import { expect } from 'chai';
import { Door } from '../../../tests/support/api/door.ts';
import { metricValue } from '../../../tests/support/metric-value.ts';
import { rawAnswer } from '../../../tests/support/nginx/raw-answer.ts';

describe('what the door counts', () => {
  let door: Door;

  before(async () => {
    door = await Door.open();
  });
  after(() => door.close());

  it('counts requests by route pattern, never by address', async () => {
    await door.http('GET', '/things/12345');
    await door.http('GET', '/probe-for-php');
    const text = await door.metrics.registry.getSingleMetricAsString('weir_http_request_duration_seconds');
    expect(text).to.include('route="/things/:id",status="200"');
    expect(text).to.include('route="unmatched",status="404"');
    expect(text).not.to.match(/12345|php/);
  });

  it('counts problems by code and route, each from 0 on, and what the parser refused', async () => {
    const count = (labels: Record<string, string>) => metricValue(door.metrics.http.problems, labels);
    const page = await door.metrics.registry.getSingleMetricAsString('weir_http_problems_total');
    expect(page).to.include('weir_http_problems_total{code="malformed_json",route="/echo"} ');
    expect(page).to.include('weir_http_problems_total{code="identity_unavailable",route="/ours"} 0');
    const before = await count({ code: 'not_found', route: 'unmatched' });
    await door.http('GET', '/probe-for-php');
    await door.http('GET', '/storage');
    expect(await count({ code: 'not_found', route: 'unmatched' })).to.equal(before + 1);
    expect(await count({ code: 'storage_unavailable', route: '/storage' })).to.be.at.least(1);
    const broken = door.refused.length;
    await rawAnswer(door.url, 'NONSENSE\r\n\r\n');
    expect(door.refused.slice(broken)).to.deep.equal(['bad_request']);
  });

  it('makes one series of all methods that nobody serves', async () => {
    for (const method of ['PROPFIND', 'MKCOL', 'REPORT'])
      await rawAnswer(door.url, `${method} /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const text = await door.metrics.registry.getSingleMetricAsString('weir_http_request_duration_seconds');
    expect(text).to.include('_count{method="other",route="/things/:id",status="405"} 3');
    expect(text).not.to.match(/PROPFIND|MKCOL|REPORT/);
  });
});
