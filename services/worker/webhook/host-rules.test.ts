import { expect } from 'chai';
import { HostRules } from './host-rules.ts';

describe('hosts a webhook may call', () => {
  const rules = new HostRules([
    'api.example.com',
    '*.hooks.test',
    '127.0.0.1!',
    '*.internal!',
    '[::1]!',
    'Upper.Example.org',
  ]);
  const verdicts: Record<string, string> = {
    'api.example.com': 'public_only',
    'API.example.com.': 'public_only',
    'upper.example.org': 'public_only',
    'a.hooks.test': 'public_only',
    'a.b.hooks.test': 'public_only',
    'hooks.test': 'refused',
    'evilhooks.test': 'refused',
    'example.com': 'refused',
    'api.example.com.evil.test': 'refused',
    '127.0.0.1': 'private_allowed',
    'db.internal': 'private_allowed',
    '[::1]': 'private_allowed',
    '': 'refused',
  };
  for (const [host, verdict] of Object.entries(verdicts)) {
    it(`"${host}" is ${verdict}`, () => expect(rules.judge(host)).to.equal(verdict));
  }

  it('allows nothing when the list is empty', () => {
    expect(new HostRules([]).judge('api.example.com')).to.equal('refused');
  });

  for (const entry of ['*', 'https://example.com', 'a/b', '!', '*.', 'a.*.com', 'user@host']) {
    it(`refuses "${entry}" as an entry, so that a mistake is seen at the start`, () => {
      expect(() => new HostRules([entry])).to.throw('WEIR_WEBHOOK_ALLOWED_HOSTS');
    });
  }
});
