import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPrivateAddress } from '../../src/upload/private-address.ts';

test.each([
  ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.8.9.1', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ...['168.63.129.16', '::', '::1', '::7f00:1', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254', 'fc00::1', 'ff02::1'],
  ...['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::FFFF:10.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1'],
  ...['::ffff:0:10.0.0.1', '::ffff:0:7f00:1', '::FFFF:0:0:1', '::ffff:0:8.8.8.8', '100:0:0:1::1'],
  ...['2002:7f00:1::', '2001:0:7f00:1::', '2001:db8::1', '', 'localhost', '1.2.3', '[::1]', '0x7f.0.0.1', '10.0.0.1 '],
])('takes %j for a private address', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  ...['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1', '192.167.1.1', '223.255.1.1'],
  ...['2606:4700::1111', '2a00:1450:4001::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
])('takes %s for a public one', (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test('judges an address the same in each of its spellings', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const isPrivate = isPrivateAddress(address);
      expect(isPrivateAddress(`::ffff:${address}`)).toBe(isPrivate);
      expect(isPrivateAddress(`64:ff9b::${address}`)).toBe(isPrivate);
      expect(isPrivateAddress(new URL(`http://[::ffff:${address}]`).hostname.slice(1, -1))).toBe(isPrivate);
    }),
  );
});
