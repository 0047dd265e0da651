import { expect } from 'chai';
import { settingFaults } from '../../tests/support/setting-faults.ts';
import { loadSettings } from './load.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';

describe('loadSettings', () => {
  it('fills in the documented defaults and parses what is set', () => {
    const settings = loadSettings({ WEIR_JWT_SECRET: SECRET, WEIR_MAX_USERS: '40', ROLES: 'api, worker' });
    expect(settings.WEIR_MAX_USERS).to.equal(40);
    expect(settings.WEIR_MAX_WORKFLOWS).to.equal(10);
    expect(settings.ROLES).to.deep.equal(['api', 'worker']);
    expect(settings.WEIR_REPLICA_ID).to.match(/^[A-Za-z0-9._-]+$/);
  });

  it('reports all faults at once, each naming its setting', () => {
    const faults = settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_MAX_USERS: 'many', WEIR_QUEUE_MAX: '-1' });
    expect(faults).to.have.length(2);
    expect(faults[0]).to.match(/^WEIR_MAX_USERS: /);
    expect(faults[1]).to.match(/^WEIR_QUEUE_MAX: /);
  });

  it('names the nearest setting for a misspelt one', () => {
    expect(settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_MAX_USER: '3' })).to.deep.equal([
      'WEIR_MAX_USER is not a setting; did you mean WEIR_MAX_USERS?',
    ]);
  });

  it('never prints a secret', () => {
    expect(settingFaults({ WEIR_JWT_SECRET: 'short-secret' }).join()).to.not.contain('short-secret');
  });

  it('refuses an api without a way to sign in, and an even number of lock nodes', () => {
    expect(settingFaults({}).join()).to.contain('WEIR_JWT_SECRET or WEIR_JWKS_URL');
    expect(settingFaults({ ROLES: 'worker' })).to.deep.equal([]);
    expect(settingFaults({ WEIR_JWT_SECRET: SECRET, WEIR_REDLOCK_URLS: 'redis://a,redis://b' }).join()).to.contain(
      'odd number',
    );
  });
});
