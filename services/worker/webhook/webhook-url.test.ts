import { expect } from 'chai';
import fc from 'fast-check';
import { StepFailure } from '../steps/step-failure.ts';
import { webhookUrl } from './webhook-url.ts';

const scope = (payload: Record<string, unknown>) => ({ payload, outputs: {} });

describe('webhook URLs', () => {
  it('fill values into path and query, encoded', () => {
    const url = webhookUrl(
      'https://api.test/users/{{payload.id}}?q={{payload.q}}',
      scope({ id: 'a/b c', q: '1&admin=true#x' }),
    );
    expect(url.href).to.equal('https://api.test/users/a%2Fb%20c?q=1%26admin%3Dtrue%23x');
  });

  it('no value ever changes the origin or adds a part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
        let url: URL;
        try {
          url = webhookUrl('https://api.test:8443/a/{{payload.v}}/end?q={{payload.v}}&z=1', scope({ v: value }));
        } catch (error) {
          expect(error).to.be.instanceOf(StepFailure);
          return;
        }
        expect(url.origin).to.equal('https://api.test:8443');
        expect(url.pathname).to.match(/^\/a\/[^/]*\/end$/);
        expect(url.searchParams.get('q')).to.equal(Buffer.from(value).toString());
        expect([...url.searchParams.keys()]).to.deep.equal(['q', 'z']);
      }),
    );
  });

  const refused: Record<string, [string, Record<string, unknown>]> = {
    'a host from a template': ['https://{{payload.host}}/x', { host: 'evil.test' }],
    'part of a host from a template': ['https://{{payload.host}}.api.test/x', { host: 'evil' }],
    'a port from a template': ['https://api.test:{{payload.port}}/', { port: 22 }],
    'a host from a template behind credentials': ['https://api.test@{{payload.host}}/', { host: 'evil.test' }],
    credentials: ['https://user:secret@api.test/', {}],
    'another scheme': ['ftp://api.test/', {}],
    'a file': ['file:///etc/passwd', {}],
    'a value that climbs': ['https://api.test/users/{{payload.id}}/delete', { id: '..' }],
    'two values that climb together': ['https://api.test/users/{{payload.a}}{{payload.b}}/x', { a: '.', b: '.' }],
    'a value that climbs after a backslash': ['https://api.test\\{{payload.id}}\\x', { id: '..' }],
  };
  for (const [what, [template, payload]] of Object.entries(refused)) {
    it(`refuse ${what}`, () => {
      expect(() => webhookUrl(template, scope(payload)))
        .to.throw(StepFailure)
        .with.property('code', 'webhook_refused');
    });
  }

  it('read the host as the connection will: no spelling hides another one', () => {
    expect(webhookUrl('http://0x7f.1/', scope({})).hostname).to.equal('127.0.0.1');
    expect(webhookUrl('http://2130706433/', scope({})).hostname).to.equal('127.0.0.1');
    expect(webhookUrl('https://api.test\\@evil.test/', scope({})).hostname).to.equal('api.test');
  });
});
