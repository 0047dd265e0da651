import { expect } from 'chai';
import { secretsFolder } from '../../../../tests/support/monitoring/alertmanager-rig.ts';
import { testBinary } from '../../../../tests/support/test-run.ts';
import { UsageError } from '../../usage-error.ts';
import { type AlertSettings, checkAlerting } from './alert-settings.ts';

describe('settings of alerts', () => {
  const faultOf = async (settings: AlertSettings, keys: Record<string, string> = {}): Promise<string> => {
    try {
      await checkAlerting({ ALERT_SECRETS: secretsFolder(keys), ...settings }, testBinary('amtool'));
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    return 'none';
  };

  it('may be missing altogether', async () => {
    expect(await faultOf({})).to.equal('none');
  });

  it('that Alertmanager would refuse are refused with its reason, before anything is started', async () => {
    expect(await faultOf({ ALERT_ESCALATION_1: 'soon' })).to.equal(
      'Alertmanager would refuse what ALERT_* say: not a valid duration string: "soon"',
    );
    expect(await faultOf({ ALERT_MAIL_TO: 'sre@example.com' })).to.match(
      /^Alertmanager would refuse .*: no global SMTP smarthost set$/,
    );
  });

  it('name the folder that is not there, and the password that is missing', async () => {
    expect(await faultOf({ ALERT_SECRETS: '/no/such/folder' })).to.equal(
      '/no/such/folder, the folder of keys, cannot be read (ENOENT).',
    );
    const mail = { ALERT_MAIL_SMARTHOST: 'mail.example.com:587', ALERT_MAIL_USER: 'weir' };
    expect(await faultOf(mail)).to.match(/^ALERT_MAIL_USER needs its password in .*\/mail-password\.$/);
    expect(await faultOf(mail, { 'mail-password': 'secret' })).to.equal('none');
  });

  it('do not fail later because of a line break behind a key', async () => {
    for (const name of ['opsgenie-key', 'opsgenie-key-level-2', 'mail-password'])
      expect(await faultOf({}, { [name]: 'secret\n' })).to.match(
        new RegExp(`/${name} ends with a line break,.*printf`),
      );
    expect(await faultOf({}, { 'pagerduty-key': 'key\n', 'slack-url': 'https://hooks.example.com/x\n' })).to.equal(
      'none',
    );
  });
});
