import { expect } from 'chai';
import fc from 'fast-check';
import { mayConnect } from './address-rules.ts';

describe('addresses a webhook may connect to', () => {
  const open = [
    '8.8.8.8',
    '1.1.1.1',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.0',
    '100.128.0.0',
    '2606:4700::1111',
    '2a00:1450::1',
  ];
  for (const address of open) {
    it(`${address}: always`, () => expect(mayConnect(address, false)).to.equal(true));
  }

  const trusted = [
    '127.0.0.1',
    '127.255.255.255',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fc00::1',
    'fdff::1',
  ];
  for (const address of trusted) {
    it(`${address}: only for a host trusted with private addresses`, () => {
      expect(mayConnect(address, false)).to.equal(false);
      expect(mayConnect(address, true)).to.equal(true);
    });
  }

  const never = [
    ...[
      '0.0.0.0',
      '169.254.169.254',
      '224.0.0.1',
      '239.255.255.255',
      '255.255.255.255',
      '240.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
    ],
    ...[
      '::',
      'fe80::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '0:0:0:0:0:ffff:a00:1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:0:1::',
      '2001:db8::1',
    ],
  ];
  for (const address of never) {
    it(`${address}: never`, () => {
      expect(mayConnect(address, false)).to.equal(false);
      expect(mayConnect(address, true)).to.equal(false);
    });
  }

  it('no IPv4 address is reachable through its mapped form', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.boolean(), (address, privateAllowed) => {
        expect(mayConnect(`::ffff:${address}`, privateAllowed)).to.equal(false);
      }),
    );
  });
});
