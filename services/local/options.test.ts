import { expect } from 'chai';
import { MAX_REPLICAS, readUpOptions } from './options.ts';
import { UsageError } from './usage-error.ts';

function faultOf(environment: NodeJS.ProcessEnv): string {
  try {
    readUpOptions(environment);
  } catch (error) {
    if (error instanceof UsageError) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('options of make up', () => {
  it('are optional, also when given empty', () => {
    expect(readUpOptions({ REPLICAS: '', WEIR_HTTP_PORT: '' })).to.deep.equal({
      replicas: undefined,
      httpPort: undefined,
      settings: {},
      monitoring: undefined,
      alerting: {},
    });
  });

  it('take REPLICAS before WEIR_REPLICAS', () => {
    expect(readUpOptions({ REPLICAS: '5', WEIR_REPLICAS: '2' }).replicas).to.equal(5);
    expect(readUpOptions({ WEIR_REPLICAS: '2' }).replicas).to.equal(2);
  });

  for (const value of [
    '0',
    '-1',
    '2.5',
    'three',
    '1e1',
    '0x3',
    ' 3',
    '3 ',
    `${MAX_REPLICAS + 1}`,
    '99999999999999999999',
  ]) {
    it(`refuse ${JSON.stringify(value)} replicas in one sentence with exit code 2`, () => {
      expect(faultOf({ REPLICAS: value })).to.equal(
        `2: REPLICAS must be a whole number from 1 to ${MAX_REPLICAS}, not "${value}".`,
      );
    });
  }

  for (const value of ['0', '65536', 'http', '-80']) {
    it(`refuse port ${JSON.stringify(value)} in one sentence with exit code 2`, () => {
      expect(faultOf({ WEIR_HTTP_PORT: value })).to.equal(
        `2: WEIR_HTTP_PORT must be a whole number from 1 to 65535, not "${value}".`,
      );
    });
  }

  it('pass every other WEIR_ setting and ROLES on to the replicas, and nothing else', () => {
    const environment = {
      WEIR_MAX_USERS: '7',
      WEIR_TYPO: 'x',
      ROLES: 'api',
      WEIR_STATE_DIR: '/x',
      WEIR_URL: 'u',
      WEIR_TOKEN: 't',
      HOME: '/h',
      WEIR_LOG_LEVEL: '',
    };
    expect(readUpOptions(environment).settings).to.deep.equal({ WEIR_MAX_USERS: '7', WEIR_TYPO: 'x', ROLES: 'api' });
  });

  it('refuse what must differ from replica to replica', () => {
    expect(faultOf({ WEIR_PORT: '3000' })).to.match(
      /^2: WEIR_PORT cannot be set for a local cluster: .*WEIR_HTTP_PORT/,
    );
  });

  it('take variables of Nginx by their names, and refuse those of the launcher and unknown ones', () => {
    const environment = { WEIR_NGINX_SOCKETS: '5', WEIR_NGINX_SCHEME: 'https' };
    expect(readUpOptions(environment).settings).to.deep.equal(environment);
    expect(faultOf({ WEIR_NGINX_LISTEN: '80' })).to.match(/^2: WEIR_NGINX_LISTEN cannot .*WEIR_HTTP_PORT\.$/);
    expect(faultOf({ WEIR_NGINX_SOCKET: '5' })).to.equal(
      '2: WEIR_NGINX_SOCKET is not a variable of Nginx; nginx/README.md lists them.',
    );
  });

  it('take monitoring as 1 or 0, and who is told by variables that the template of Alertmanager knows', () => {
    expect(readUpOptions({ MONITORING: '1' }).monitoring).to.equal(true);
    expect(readUpOptions({ MONITORING: '0' }).monitoring).to.equal(false);
    expect(faultOf({ MONITORING: 'yes' })).to.equal('2: MONITORING must be 1 or 0, not "yes".');
    const { alerting } = readUpOptions({ ALERT_MAIL_TO: 'sre@example.com', ALERT_ESCALATION_1: '' });
    expect(alerting).to.deep.equal({ ALERT_MAIL_TO: 'sre@example.com' });
    const folder = { WEIR_ALERT_SECRETS_DIR: '/etc/weir/alerts' };
    expect(readUpOptions(folder).alerting).to.deep.equal({ ALERT_SECRETS: '/etc/weir/alerts' });
    expect(readUpOptions({ ...folder, ALERT_SECRETS: '/mine' }).alerting).to.deep.equal({ ALERT_SECRETS: '/mine' });
    expect(faultOf({ ALERT_MAIL_TOO: 'x' })).to.equal(
      '2: ALERT_MAIL_TOO is not a setting; did you mean ALERT_MAIL_TO?',
    );
    expect(faultOf({ ALERT_HOME: '/x' })).to.match(/^2: ALERT_HOME is not a setting/);
  });

  it('pass over what only containers need: one .env serves both', () => {
    const compose = {
      WEIR_PROMETHEUS_PORT: '9091',
      WEIR_API_MEMORY: '1g',
      WEIR_TLS_DIR: '/etc/tls',
      WEIR_MODE: 'demo',
    };
    expect(readUpOptions({ ...compose, WEIR_MAX_USERS: '7' }).settings).to.deep.equal({ WEIR_MAX_USERS: '7' });
  });
});
